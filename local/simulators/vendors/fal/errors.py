"""fal's errors: those of the queue, those of a model's input, and those of the infrastructure.

Shapes and types are those of the vendor's pages; texts are as public reports quote them. What a
request failed with is kept as a text: status and body in JSON.
"""

import json

from werkzeug.wrappers import Response

from local.simulators.pictures import PictureRefused
from local.simulators.wire import json_response

_LOCKED = (
    "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)
_QUEUE = {
    "rate_limited": (429, "Too many requests."),
    "server_error": (500, "Internal Server Error"),
    "auth": (401, "Cannot access application. Authentication is required."),
    "quota": (403, _LOCKED),
    "model_gone": (404, "Application not found"),
}


class FalError(Exception):
    """A refused call."""

    def __init__(self, status: int, detail: str, error_type: str | None = None) -> None:
        self.status = status
        self.body: dict[str, object] = {"detail": detail}
        if error_type:
            self.body["error_type"] = error_type
        super().__init__(detail)

    def response(self) -> Response:
        """Returns the answer on the wire."""
        return error_response(self.status, self.body)


def ordered(fault: str) -> FalError:
    """Returns the queue's own error for an ordered fault."""
    if fault == "gateway_timeout":
        return FalError(504, "Request timed out", "request_timeout")
    return FalError(*_QUEUE[fault])


def error_response(status: int, body: dict[str, object]) -> Response:
    """Returns an error with the headers that say the same as its body."""
    answer = json_response(body, status)
    error_type = body.get("error_type")
    if isinstance(error_type, str):
        answer.headers["X-Fal-Error-Type"] = error_type
    if isinstance(body.get("detail"), list):
        answer.headers["X-Fal-Retryable"] = "true" if status >= 500 else "false"
    return answer


class InputRefused(PictureRefused):
    """An input that the model doesn't take; the text is the failure."""

    def __init__(self, field: str, text: str, kind: str) -> None:
        super().__init__(model_failure(422, field, text, kind))


def model_failure(status: int, field: str, text: str, kind: str) -> str:
    """Returns a model's error about a field, as the text a request fails with."""
    loc = ["body", field] if field else ["body"]
    return json.dumps({"status": status, "detail": [{"loc": loc, "msg": text, "type": kind}]})


FAILURES = {
    "failed": model_failure(500, "", "Internal server error", "internal_server_error"),
    "content_policy": model_failure(
        422, "prompt", "The content could not be processed.", "content_policy_violation"
    ),
    "invalid_input": model_failure(422, "prompt", "Field required", "missing"),
}


def failure_of(text: str) -> tuple[int, dict[str, object]]:
    """Returns the status and the body that a request failed with."""
    try:
        failure = json.loads(text)
        return failure.pop("status"), failure
    except (ValueError, KeyError, AttributeError):
        return 500, {"detail": "Internal error", "error_type": "internal_error"}


CANCELLED: dict[str, object] = {
    "detail": "Request was cancelled by the client",
    "error_type": "client_cancelled",
}
CANCELLED_STATUS = 499
