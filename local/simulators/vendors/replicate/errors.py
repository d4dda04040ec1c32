"""Replicate's errors: problem bodies for refused calls, coded texts for failed predictions.

Titles and texts are those of the live API as public reports quote them. The three-digit codes are
what the wrapper of its official models puts behind a failure's text.
"""

from werkzeug.wrappers import Response

from local.simulators.wire import json_response

SENSITIVE = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
UNAVAILABLE = "Service is temporarily unavailable. Please try again later. (E004)"
FAILURE_TEXTS = {"failed": UNAVAILABLE, "content_policy": SENSITIVE}

_BILLING = "https://replicate.com/account/billing#billing"
_PROBLEMS = {
    401: ("Unauthenticated", "You did not pass a valid authentication token"),
    402: (
        "Insufficient credit",
        f"You have insufficient credit to run this model. Go to {_BILLING} to purchase credit.",
    ),
    404: ("Not found", "The requested resource could not be found."),
    429: ("Request was throttled", "Request was throttled. Your rate limit resets in ~2s."),
    500: ("Internal server error", "An internal error occurred."),
    504: ("Gateway timeout", "The upstream took too long to respond."),
}
FAULT_STATUSES = {
    "rate_limited": 429,
    "server_error": 500,
    "auth": 401,
    "quota": 402,
    "model_gone": 404,
    "gateway_timeout": 504,
}


class ReplicateError(Exception):
    """A refused call, with the body and the status to answer it with."""

    def __init__(self, status: int, **changes: object) -> None:
        title, detail = _PROBLEMS.get(status, ("", ""))
        self.status = status
        self.body: dict[str, object] = {"title": title, "detail": detail, "status": status}
        self.body |= changes
        super().__init__(self.body["detail"])

    def response(self) -> Response:
        """Returns the answer on the wire."""
        answer = json_response(self.body, self.status)
        answer.content_type = "application/problem+json"
        return answer


def throttled(retry_after_seconds: int | None) -> ReplicateError:
    """Too many calls; the text names the seconds even where no header does."""
    if retry_after_seconds is None:
        return ReplicateError(429)
    detail = f"Request was throttled. Your rate limit resets in ~{retry_after_seconds}s."
    return ReplicateError(429, detail=detail)


def unknown_version() -> ReplicateError:
    """Returns a version that there is not."""
    return ReplicateError(
        422,
        title="Invalid version or not permitted",
        detail=(
            "The specified version does not exist (or perhaps you don't have permission to use it?)"
        ),
    )


def invalid(fields: list[tuple[str, str, str]]) -> ReplicateError:
    """Fields that are not as the schema wants them: kind, field and what is wrong."""
    lines = [f"- {field}: {text}\n" if field else f"- {text}\n" for _, field, text in fields]
    listed = [{"type": kind, "field": field, "description": text} for kind, field, text in fields]
    return ReplicateError(
        422, title="Input validation failed", detail="".join(lines), invalid_fields=listed
    )
