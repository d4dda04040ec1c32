"""Errors that a generation can raise.

Exception
├── GenerationError               `code` is one of the twelve documented ones
│   ├── InsufficientCreditsError  code insufficient_credits
│   └── PreflightError            a storyboard can't be exported as it is (in `cuts`)
└── GenerationCanceled            the caller's own CancelToken ended it
"""

from collections.abc import Mapping
from typing import Any, Literal

ErrorCode = Literal[
    "insufficient_credits",
    "stream_error",
    "no_body",
    "no_result",
    "provider_error",
    "text_error",
    "groq_error",
    "audio_error",
    "edge_function_error",
    "gmi_error",
    "gmi_timeout",
    "unknown_route",
]


class GenerationError(Exception):
    """A generation without a result. Branch on the code; the message is for people.

    `status` is the HTTP status and `server_code` the server's own stable code, where there was an
    answer. `job_id` names the job that failed or that may still run. `request_id` was sent with it:
    the same call with it again can't pay twice.
    """

    def __init__(
        self,
        message: str,
        code: ErrorCode,
        *,
        status: int | None = None,
        server_code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code: ErrorCode = code
        self.status = status
        self.server_code = server_code
        self.details: Mapping[str, Any] = details or {}
        self.request_id: str | None = None
        self.job_id: str | None = None


class InsufficientCreditsError(GenerationError):
    """The workspace has fewer credits available than the model costs."""

    def __init__(
        self,
        required: int,
        available: int,
        top_up_url: str | None = None,
        *,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        message = f"Insufficient credits: {required} required, {available} available"
        code: ErrorCode = "insufficient_credits"
        super().__init__(message, code, status=status, server_code=code, details=details)
        self.required = required
        self.available = available
        self.top_up_url = top_up_url


class GenerationCanceled(Exception):
    """The call was ended by its CancelToken. `job_id` names the job that was asked to stop."""

    def __init__(self, job_id: str | None = None) -> None:
        super().__init__("The generation was canceled")
        self.job_id = job_id
