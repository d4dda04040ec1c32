"""Requests that wait for their job, and for how long: the header `Prefer` (RFC 7240)."""

import re
import time
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.edge.api import base_url, idempotency_header

LOCK_SECONDS = 10
"""How long a key's first request blocks others. After that they wait for the same job."""
MAX_PREFER_CHARS = 500
PREFERENCE = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*")+')
SECONDS = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True)
class Call:
    """A request for a generation. `started` is in seconds of `time.monotonic`; `applied` has the
    preferences that were honoured.
    """

    path: str
    base_url: str
    function_arn: str
    key: str | None
    started: float
    window_seconds: int
    applied: str | None

    @property
    def elapsed_ms(self) -> int:
        """The time since the call began."""
        return round((time.monotonic() - self.started) * 1000)

    @property
    def deadline(self) -> float:
        """When waiting ends, in seconds of `time.monotonic`."""
        return self.started + self.window_seconds

    @property
    def seconds_left(self) -> float:
        """The time until the deadline, 0 after it."""
        return max(0.0, self.deadline - time.monotonic())


def this_call(app: APIGatewayRestResolver, most_seconds: int) -> Call:
    """Returns the current call, `most_seconds` long at most. Raises InvalidInput `bad_key`."""
    seconds, applied = waiting(_prefer(app), most_seconds)
    return Call(
        path=str(app.current_event.path),
        base_url=base_url(app),
        function_arn=str(app.lambda_context.invoked_function_arn),
        key=idempotency_header(app),
        started=time.monotonic(),
        window_seconds=seconds,
        applied=applied,
    )


def _prefer(app: APIGatewayRestResolver) -> str:
    """Returns all `Prefer` headers as one list."""
    event: Any = app.current_event
    every = event.multi_value_headers or {}
    values = next((found for name, found in every.items() if name.lower() == "prefer"), None)
    return ", ".join(values or [event.headers.get("prefer") or ""])


def waiting(prefer: str, window_seconds: int) -> tuple[int, str | None]:
    """Returns how long to wait and what to answer as `Preference-Applied`.

    `wait=N` shortens the window to N seconds, `respond-async` alone to none. Unreadable and
    repeated preferences are ignored.
    """
    wishes = _preferences(prefer if len(prefer) <= MAX_PREFER_CHARS else "")
    is_async, wait = "respond-async" in wishes, wishes.get("wait", "")
    applied = ["respond-async"] if is_async else []
    if SECONDS.match(wait):
        seconds = min(int(wait), window_seconds)
        return seconds, ", ".join([*applied, f"wait={seconds}"])
    return (0 if is_async else window_seconds), ", ".join(applied) or None


def _preferences(header: str) -> dict[str, str]:
    """Parses names in lower case and values without quotes; parameters are left out."""
    found: dict[str, str] = {}
    for preference in PREFERENCE.findall(header):
        name, _, value = preference.partition(";")[0].partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found
