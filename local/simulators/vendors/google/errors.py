"""Google's refusals, in the two forms that its APIs have for them."""

from werkzeug.wrappers import Response

from local.simulators.wire import json_response

RPC_STATUSES = {
    "INVALID_ARGUMENT": (400, 3),
    "FAILED_PRECONDITION": (400, 9),
    "PERMISSION_DENIED": (403, 7),
    "NOT_FOUND": (404, 5),
    "RESOURCE_EXHAUSTED": (429, 8),
    "INTERNAL": (500, 13),
    "UNAVAILABLE": (503, 14),
    "DEADLINE_EXCEEDED": (504, 4),
}
"""HTTP status and the number that a failed operation has for it."""

RPC_FAULTS = {
    "rate_limited": ("RESOURCE_EXHAUSTED", "You exceeded your current quota"),
    "server_error": ("INTERNAL", "An internal error has occurred"),
    "auth": ("PERMISSION_DENIED", "The caller does not have permission"),
    "quota": ("RESOURCE_EXHAUSTED", "You exceeded your current quota"),
    "invalid_input": ("INVALID_ARGUMENT", "Request contains an invalid argument"),
    "content_policy": (
        "INVALID_ARGUMENT",
        "The prompt violates Google's Responsible AI practices. Support codes: 58061214",
    ),
    "model_gone": ("NOT_FOUND", "The model is not found for API version v1beta"),
    "gateway_timeout": ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete"),
}

CODE_STATUSES = {
    "invalid_request": 400,
    "parameter_unknown": 400,
    "prohibited_content": 400,
    "authentication": 401,
    "permission_denied": 403,
    "not_found": 404,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "quota_exceeded": 429,
    "api_error": 500,
    "service_unavailable": 503,
}
"""The vendor's page of Interactions errors; a blocked prompt's status is not stated there."""

CODE_FAULTS = {
    "rate_limited": "rate_limit_exceeded",
    "server_error": "api_error",
    "auth": "permission_denied",
    "quota": "quota_exceeded",
    "invalid_input": "invalid_request",
    "content_policy": "prohibited_content",
    "model_gone": "model_not_found",
    "gateway_timeout": "api_error",
}

FAILURE_TEXTS = {
    "failed": "An internal error has occurred",
    "content_policy": "The content was blocked by safety filters",
}


class RpcError(Exception):
    """A refusal as most of the API has them: a number, a status word and details."""

    def __init__(self, status: str, message: str, *, reason: str | None = None) -> None:
        self.status, self.reason = status, reason
        super().__init__(message)


class CodeError(Exception):
    """A refusal as Interactions has them: a code word."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def rpc_response(error: RpcError, retry_seconds: int | None = None) -> Response:
    """Returns the answer; `retry_seconds` becomes a RetryInfo."""
    http_status = RPC_STATUSES[error.status][0]
    body = {"code": http_status, "message": str(error), "status": error.status}
    details = _details(error, retry_seconds)
    return json_response({"error": {**body, "details": details} if details else body}, http_status)


def code_response(error: CodeError, status: int | None = None) -> Response:
    """Returns the answer, with the code's own HTTP status unless another is given."""
    body = {"error": {"code": error.code, "message": str(error)}}
    return json_response(body, status or CODE_STATUSES[error.code])


def _details(error: RpcError, retry_seconds: int | None) -> list[dict[str, object]]:
    types = "type.googleapis.com/google.rpc."
    details: list[dict[str, object]] = []
    if error.reason:
        domain = {"reason": error.reason, "domain": "googleapis.com"}
        details.append({"@type": f"{types}ErrorInfo", **domain})
    if retry_seconds is not None:
        details.append({"@type": f"{types}RetryInfo", "retryDelay": f"{retry_seconds}s"})
    return details
