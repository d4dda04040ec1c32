"""Every error that Showreel raises on purpose.

The class decides what happens; the text is only for people. Three translators read this tree: the
HTTP envelope (`edge.api`), the SSE `error` event and the name in a state machine's `ErrorEquals`
(the class name).

    AppError
    ├── InvalidInput           400  the caller can mend it
    │   └── MediaError         400  a picture, clip or sound that can't be used
    ├── Unauthenticated        401
    ├── InsufficientCredits    402
    ├── Forbidden              403
    ├── NotFound               404
    ├── Conflict               409
    ├── UnsupportedType        415  a body that isn't JSON
    ├── IdempotencyMismatch    422
    ├── RateLimited            429
    │   └── SpendCapReached    429  the workspace's credits for today are used up
    ├── ProviderError          502  what a model's vendor answered
    │   ├── ProviderAuth            our key is refused
    │   ├── ProviderQuota           our account there is out of money
    │   ├── ProviderRateLimited     retryable, perhaps after a given time
    │   ├── ProviderInvalidInput    the vendor refuses the request
    │   ├── ProviderContentPolicy   the vendor refuses the content
    │   ├── ProviderModelGone       the model was switched off
    │   ├── ProviderUpstream        the vendor broke; the job may exist there
    │   └── ProviderTimeout         no answer; the job may exist there
    ├── Transient              503  the same call may work in a moment; state machines retry it
    ├── ConditionFailed        500  a conditional write lost; caught where it is expected
    └── LedgerError            500  money rules broken; always raised, always alarmed
        ├── HoldNotFound
        └── HoldClosed              the hold is already posted, voided or expired
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar


class AppError(Exception):
    """An error with an HTTP status and a stable code. `details` extend the envelope."""

    status: ClassVar[int] = 500
    code: str = "internal_error"

    def __init__(
        self, message: str, *, code: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or {}
        if code is not None:
            self.code = code


class InvalidInput(AppError):
    """The request can't be accepted as it is. `code` names the fault, `field` the caller's name of
    the field at fault.
    """

    status = 400
    code = "invalid_input"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: dict[str, Any] | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message, code=code, details=details)
        if field is not None:
            self.about(field)

    def about(self, field: str) -> None:
        """Notes the field at fault, unless one is noted already."""
        self.details.setdefault("details", [{"field": field, "message": self.message}])


class MediaError(InvalidInput):
    """A media file that can't be used: wrong type, too large, damaged."""

    code = "media_invalid"


@contextmanager
def about_field(name: str) -> Iterator[None]:
    """Adds the caller's field name to an InvalidInput that is raised inside."""
    try:
        yield
    except InvalidInput as error:
        error.about(name)
        raise


class Unauthenticated(AppError):
    """No token, or one that doesn't verify."""

    status = 401
    code = "unauthenticated"


class InsufficientCredits(AppError):
    """The workspace has less available than the call needs (both in credits)."""

    status = 402
    code = "insufficient_credits"

    def __init__(self, *, required: int, available: int) -> None:
        self.required = required
        self.available = available
        super().__init__(
            f"Insufficient credits: {required} required, {available} available",
            details={"required": required, "available": available},
        )


class Forbidden(AppError):
    """The caller is known and may not do this."""

    status = 403
    code = "forbidden"


class NotFound(AppError):
    """Missing or another tenant's, which the caller can't distinguish."""

    status = 404
    code = "not_found"


class Conflict(AppError):
    """The resource is in a state that doesn't allow this."""

    status = 409
    code = "conflict"


class UnsupportedType(AppError):
    """The body's content type isn't the one that is accepted."""

    status = 415
    code = "unsupported_media_type"


class IdempotencyMismatch(AppError):
    """The idempotency key was used before with another body."""

    status = 422
    code = "idempotency_mismatch"


class RateLimited(AppError):
    """Too many requests; try again after `retry_after_seconds`."""

    status = 429
    code = "rate_limited"

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SpendCapReached(RateLimited):
    """The workspace has used what an operator lets it spend in a day (UTC)."""

    code = "daily_spend_cap"

    def __init__(self, cap_credits: int) -> None:
        tomorrow = 86_400 - int(time.time()) % 86_400
        message = f"The daily limit of {cap_credits} credits is reached"
        super().__init__(message, retry_after_seconds=tomorrow)


class ProviderError(AppError):
    """A model's vendor failed; the subclass says how. Its text never reaches a caller."""

    status = 502
    code = "provider_error"
    retryable: ClassVar[bool] = False
    """Whether a new submission may succeed; never that a lost one may safely be repeated."""


class ProviderAuth(ProviderError):
    """Our credentials are refused."""

    code = "provider_auth"


class ProviderQuota(ProviderError):
    """Our account at the vendor is out of money or units."""

    code = "provider_quota"


class ProviderRateLimited(ProviderError):
    """The vendor asks us to slow down; nothing was created there."""

    code = "provider_rate_limited"
    retryable = True

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ProviderInvalidInput(ProviderError):
    """The vendor refuses the request's fields."""

    code = "provider_invalid_input"


class ProviderContentPolicy(ProviderError):
    """The vendor refuses the content, before or after making it."""

    code = "content_policy"


class ProviderModelGone(ProviderError):
    """The upstream model no longer exists."""

    code = "model_gone"


class ProviderUpstream(ProviderError):
    """The vendor failed. After a create, the job may exist there."""

    code = "provider_upstream"
    retryable = True


class ProviderTimeout(ProviderError):
    """No answer in time. After a create, the job may exist there."""

    code = "provider_timeout"
    retryable = True


class Transient(AppError):
    """A temporary fault of our own infrastructure: throttling, a dropped connection, a crash."""

    status = 503
    code = "try_again"


def public_error(error: AppError) -> AppError:
    """Returns the error to show a caller: internal faults lose their name and text."""
    if isinstance(error, Transient):
        return Transient("The service is busy; try again in a moment")
    return AppError("Internal error") if error.status == 500 else error


class ConditionFailed(AppError):
    """A conditional write lost. `reasons` has one code per write of a transaction."""

    code = "condition_failed"

    def __init__(self, message: str, *, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class LedgerError(AppError):
    """A money rule would be broken. Raised, never only logged."""

    code = "ledger_error"


class HoldNotFound(LedgerError):
    """No such hold."""

    code = "hold_not_found"


class HoldClosed(LedgerError):
    """The hold was closed before; `outcome` is posted, voided or expired."""

    code = "hold_closed"

    def __init__(self, hold_id: str, outcome: str) -> None:
        super().__init__(f"Hold {hold_id} is already {outcome}", code=f"already_{outcome}")
        self.outcome = outcome
