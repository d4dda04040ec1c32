"""Turns answers into errors, and decides which requests may be repeated. Pure functions."""

from collections.abc import Mapping
from typing import Any

from showreel_client import values
from showreel_client.effects import Answer, Lost
from showreel_client.errors import ErrorCode, GenerationError, InsufficientCreditsError

IN_FLIGHT = "idempotency_in_flight"
"""The code of a 409 while the first request with our key is still being worked on."""
PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
"""Statuses that may pass; 500 is also API Gateway's for a function at its concurrency limit."""
SETTLED_CODES = frozenset(
    {"insufficient_credits", "content_policy", "model_gone", "submit_unknown", "daily_spend_cap"}
)
"""Codes of decisions, whatever the status: repeating the request could start, and charge, anew."""
OWN_CODES: tuple[ErrorCode, ...] = ("gmi_timeout", "unknown_route")
"""Documented codes that the server may send itself."""


def is_passing(outcome: Answer | Lost) -> bool:
    """Returns whether the same request with the same key may get another answer."""
    if isinstance(outcome, Lost):
        return outcome.may_retry
    if is_in_flight(outcome):
        return True
    code = values.text(_envelope(outcome).get("code")) or ""
    is_settled = code in SETTLED_CODES or code.startswith("provider_")
    return outcome.status in PASSING_STATUSES and not is_settled


def is_in_flight(outcome: Answer | Lost) -> bool:
    """Returns whether the server is still working on our first request."""
    if isinstance(outcome, Lost) or outcome.status != 409:
        return False
    return _envelope(outcome).get("code") == IN_FLIGHT


def retry_after_seconds(outcome: Answer | Lost) -> float | None:
    """Returns the seconds in `Retry-After`; a date counts from the server's own clock."""
    if isinstance(outcome, Lost):
        return None
    value = outcome.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    return _until(value, outcome.headers.get("date", "")) if value else None


def _until(moment: str, server_now: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        wait = parsedate_to_datetime(moment) - parsedate_to_datetime(server_now)
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


def error_of(outcome: Answer | Lost, code: ErrorCode) -> GenerationError:
    """Returns the error for an answer that isn't a success, with the route's code."""
    if isinstance(outcome, Lost):
        return GenerationError(f"The server gave no usable answer: {outcome.reason}", code)
    return error_in(_envelope(outcome), code, status=outcome.status)


def error_in(
    body: Mapping[str, Any], code: ErrorCode, *, status: int | None = None
) -> GenerationError:
    """Returns the error in an envelope or an event."""
    reason = values.text(values.first(body, "code")) or values.text(body.get("error"))
    if status == 402 or reason == "insufficient_credits":
        return _too_few_credits(body, status)
    code = next((own for own in OWN_CODES if own == reason), code)
    server_code = values.text(body.get("code"))
    message = _message(body) or (f"HTTP {status}" if status else "The generation failed")
    error = GenerationError(message, code, status=status, server_code=server_code, details=body)
    error.job_id = values.job_id(body)
    return error


def _too_few_credits(body: Mapping[str, Any], status: int | None) -> InsufficientCreditsError:
    required, available = (values.whole(body.get(name)) or 0 for name in ("required", "available"))
    top_up_url = values.url(values.first(body, "top_up_url", "topUpUrl"))
    return InsufficientCreditsError(required, available, top_up_url, status=status, details=body)


def _message(body: Mapping[str, Any]) -> str | None:
    inner = values.record(body.get("error")).get("message")
    found = (values.text(value) for value in (body.get("message"), body.get("error"), inner))
    message = next((value for value in found if value), None)
    return message[:1_000] if message else None


def _envelope(answer: Answer) -> Mapping[str, Any]:
    return values.record(values.parse(answer.body))
