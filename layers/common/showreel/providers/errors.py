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
    ProviderUpstream,
)
from showreel.core.observability import logger
from showreel.providers.base import Pending, SubmitUnknown
from showreel.providers.http import Answer
from showreel.providers.values import matching

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


def refusal(
    answer: Answer, statuses: Statuses, by_word: type[ProviderError] | None
) -> type[ProviderError]:
    """Returns why a create was refused. Raises SubmitUnknown if the answer isn't clear about it.

    Clear are the statuses, and every 4xx and 503 whose own word is known: that is `by_word`.
    """
    can_say_so = 400 <= answer.status < 500 or answer.status == 503
    error = by_word if by_word and can_say_so else statuses.get(answer.status)
    if error is None:
        raise SubmitUnknown(f"the create was answered by {answer.status}")
    return error


def unavailable(answer: Answer) -> type[ProviderError] | None:
    """Returns the class of a 503 that the vendor itself wrote: it has a JSON body."""
    return ProviderUpstream if answer.status == 503 and answer.body is not None else None


def unusable() -> NoReturn:
    """Raises SubmitUnknown for a create that was answered by neither yes nor no."""
    raise SubmitUnknown("the create was answered by nothing usable")


def other_shape() -> ProviderUpstream:
    """Makes the error for an answer that is not what the vendor documents."""
    return ProviderUpstream("the vendor's answer has another shape")


def pending(
    provider: str,
    status: object,
    known: frozenset[str] = frozenset(),
    plain: re.Pattern[str] = PLAIN_WORD,
) -> Pending:
    """Returns Pending. A status that we don't know is logged, if it is a `plain` word."""
    if not isinstance(status, str) or status not in known:
        shown = matching(status, plain) or "unreadable"
        logger().warning("unknown vendor status", provider=provider, status=shown)
    return Pending()
