"""Classes of vendors' errors by HTTP status, and what adapters do with a word they don't know."""

import re
from collections.abc import Mapping
from typing import NoReturn

from showreel.core.errors import (
    ProviderAuth,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
)
from showreel.core.observability import logger
from showreel.providers.http import Answer

Statuses = Mapping[int, type[ProviderError]]

UNREADABLE: Statuses = {401: ProviderAuth, 403: ProviderAuth, 429: ProviderRateLimited}
"""What keeps us from reading a job; anything else is the vendor's fault."""
REFUSED: Statuses = {
    **UNREADABLE,
    400: ProviderInvalidInput,
    402: ProviderQuota,
    404: ProviderModelGone,
    413: ProviderInvalidInput,
    422: ProviderInvalidInput,
}
"""What a create is refused with, unless the vendor's own code says more."""
PLAIN_WORD = re.compile(r"[a-z_]{1,30}")
"""What a status may look like to be worth a log line."""


def refuse(
    error: type[ProviderError], answer: Answer, *, retry_after_seconds: float | None = None
) -> NoReturn:
    """Raises `error` with a text of ours. A rate limit tells when to come back: the time given, or
    that of the answer's `Retry-After`.
    """
    if error is ProviderRateLimited:
        told = answer.retry_after_seconds
        raise ProviderRateLimited(
            "the vendor asks us to slow down",
            retry_after_seconds=told if retry_after_seconds is None else retry_after_seconds,
        )
    raise error(f"the vendor answered {answer.status}")


def log_unknown_status(provider: str, status: object, plain: re.Pattern[str] = PLAIN_WORD) -> None:
    """Logs a line for a status that we don't know, without the vendor's own texts."""
    is_plain = isinstance(status, str) and plain.fullmatch(status)
    shown = status if is_plain else "unreadable"
    logger().warning("unknown vendor status", provider=provider, status=shown)
