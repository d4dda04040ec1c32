"""Classes of vendors' errors by HTTP status, and the handling of unknown answers."""

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
"""Errors of reads that are on our side; any other is the vendor's fault."""
REFUSED: Statuses = {
    **UNREADABLE,
    400: ProviderInvalidInput,
    402: ProviderQuota,
    404: ProviderModelGone,
    413: ProviderInvalidInput,
    422: ProviderInvalidInput,
}
"""Errors of creates, unless the vendor's own code says more."""
PLAIN_WORD = re.compile(r"[a-z_]{1,30}")
"""The form of an unknown status that may be logged."""


def refuse(
    error: type[ProviderError], answer: Answer, *, retry_after_seconds: float | None = None
) -> NoReturn:
    """Raises `error` with a text of ours. A rate limit gets the given time to retry after, or the
    answer's `Retry-After`.
    """
    if error is ProviderRateLimited:
        if retry_after_seconds is None:
            retry_after_seconds = answer.retry_after_seconds
        raise ProviderRateLimited(
            "the vendor asks us to slow down", retry_after_seconds=retry_after_seconds
        )
    raise error(f"the vendor answered {answer.status}")


def refusal(
    answer: Answer, statuses: Statuses, by_word: type[ProviderError] | None
) -> type[ProviderError]:
    """Returns the class of a refused create. Raises SubmitUnknown if the answer isn't clear.

    Clear are the `statuses`, and every 4xx and 503 with a known code, whose class is `by_word`.
    """
    can_say_so = 400 <= answer.status < 500 or answer.status == 503
    error = by_word if by_word and can_say_so else statuses.get(answer.status)
    if error is None:
        raise SubmitUnknown(f"the create was answered by {answer.status}")
    return error


def unavailable(answer: Answer) -> type[ProviderError] | None:
    """Returns ProviderUpstream for a 503 of the vendor itself, which has a JSON body, else None."""
    return ProviderUpstream if answer.status == 503 and answer.body is not None else None


def unusable() -> NoReturn:
    """Raises SubmitUnknown for a create whose answer is neither success nor refusal."""
    raise SubmitUnknown("the create was answered by nothing usable")


def other_shape() -> ProviderUpstream:
    """Returns the error for an answer of another form than the vendor documents."""
    return ProviderUpstream("the vendor's answer has another shape")


def pending(
    provider: str,
    status: object,
    known: frozenset[str] = frozenset(),
    plain: re.Pattern[str] = PLAIN_WORD,
) -> Pending:
    """Returns Pending; logs an unknown status, by its own name only if that is `plain`."""
    if not isinstance(status, str) or status not in known:
        shown = matching(status, plain) or "unreadable"
        logger().warning("unknown vendor status", provider=provider, status=shown)
    return Pending()
