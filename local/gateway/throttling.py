"""How many requests a stage's methods take: a token bucket each, as API Gateway has them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local import clock

EVERY = ("/*", "*")


@dataclass
class Bucket:
    """Requests that may come now, at most `burst`; `rate` more in a second."""

    rate: float
    burst: float
    left: float
    at: float

    def take(self, now: float) -> bool:
        """Takes one request, if there is one."""
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Throttle:
    """The buckets of a stage, by its `MethodSettings`; without any it takes everything."""

    def __init__(self, settings: Iterable[Mapping[str, Any]] = ()) -> None:
        limited = (one for one in settings if "ThrottlingRateLimit" in one)
        self._limits = {
            (_path(one["ResourcePath"]), one["HttpMethod"]): (
                float(one["ThrottlingRateLimit"]),
                float(one["ThrottlingBurstLimit"]),
            )
            for one in limited
        }
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._lock = threading.Lock()

    def takes(self, path: str, method: str) -> bool:
        """Returns whether a method of a resource takes another request now."""
        name = (path, method)
        limit = self._limits.get(name) or self._limits.get(EVERY)
        if limit is None:
            return True
        now = clock.monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(name, Bucket(*limit, left=limit[1], at=now))
            return bucket.take(now)


def _path(encoded: str) -> str:
    """`/~1items~1{id}` as `/items/{id}`, as CloudFormation writes a resource's path."""
    return encoded.removeprefix("/").replace("~1", "/") if "~1" in encoded else encoded
