"""Errors as the document describes them: one envelope, and what a status adds to it."""

from typing import Any

from showreel.core.errors import AppError

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "minLength": 1}
SCHEMAS: dict[str, Schema] = {
    "Error": {
        "type": "object",
        "title": "Error",
        "description": "The envelope of every error; some add fields of their own",
        "properties": {
            "success": {"const": False},
            "error": {**TEXT, "description": "For people, or the documented word"},
            "code": {"type": "string", "pattern": "^[a-z0-9_]+$", "description": "Stable"},
            "message": {**TEXT, "description": "For people"},
            "requestId": {"type": "string", "description": "Of this request, as our logs have it"},
        },
        "required": ["success", "error", "code", "message", "requestId"],
    },
    "FieldFault": {
        "type": "object",
        "title": "FieldFault",
        "description": "What is wrong with a field",
        "properties": {
            "field": {"type": "string", "description": "As the caller sent it"},
            "message": {"type": "string"},
        },
        "required": ["field", "message"],
    },
    "InputError": {
        "title": "InputError",
        "allOf": [
            {"$ref": "#/components/schemas/Error"},
            {
                "type": "object",
                "properties": {
                    "details": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"$ref": "#/components/schemas/FieldFault"},
                    }
                },
                "required": ["details"],
            },
        ],
    },
    "CreditsError": {
        "title": "CreditsError",
        "allOf": [
            {"$ref": "#/components/schemas/Error"},
            {
                "type": "object",
                "properties": {
                    "required": {"type": "integer", "description": "Credits"},
                    "available": {"type": "integer", "description": "Credits"},
                    "top_up_url": {"type": ["string", "null"]},
                },
                "required": ["required", "available", "top_up_url"],
            },
        ],
    },
}
RETRY_AFTER: Schema = {
    "description": "After how many seconds the same request may be sent again",
    "schema": {"type": "integer", "minimum": 0},
}
TEXTS = {
    400: "The request can't be accepted as it is: `details` says which field and why",
    401: "No token, or one that doesn't verify",
    402: "The workspace has fewer credits available than the call needs",
    403: "The caller is known and may not do this",
    404: "Missing, or another workspace's: the two can't be distinguished",
    409: "The state of things doesn't allow this now; `code` says what stands against it",
    413: "The body is too large",
    415: "The body isn't `application/json`",
    422: "The idempotency key was used before with another body",
    429: "Too many requests, too many orders of this caller, or the daily limit of credits",
    500: "A fault of ours, without internal details",
    502: "The model's vendor failed or refused, or a function of ours broke off; `code` says what",
    503: "Busy; the same request may work in a moment",
    504: "No answer in time; the same request with the same key finds what it began",
}
NAMES = {
    400: "BadRequest",
    401: "Unauthenticated",
    402: "InsufficientCredits",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    413: "BodyTooLarge",
    415: "UnsupportedMediaType",
    422: "IdempotencyMismatch",
    429: "TooManyRequests",
    500: "InternalError",
    502: "BadGateway",
    503: "Busy",
    504: "NoAnswerInTime",
}
ALWAYS = frozenset({429, 500, 502, 503, 504})
"""What the gateway answers itself (502 is a function that broke off), and what any route may."""
WITH_BODY = frozenset({400, 413, 415})
_SCHEMA_OF = {400: "InputError", 402: "CreditsError"}
_RETRIED = frozenset({429, 503})


def responses() -> dict[str, Schema]:
    """Returns the answers that operations refer to, by name."""
    return {NAMES[status]: _response(status) for status in NAMES}


def _response(status: int) -> Schema:
    schema = {"$ref": f"#/components/schemas/{_SCHEMA_OF.get(status, 'Error')}"}
    response: Schema = {"description": TEXTS[status]}
    if status in _RETRIED:
        response["headers"] = {"Retry-After": RETRY_AFTER}
    return response | {"content": {"application/json": {"schema": schema}}}


def referred(statuses: set[int]) -> dict[str, Schema]:
    """Returns the references of an operation that can give these statuses."""
    return {
        str(status): {"$ref": f"#/components/responses/{NAMES[status]}"}
        for status in sorted(statuses)
    }


def status_of(kind: type[AppError]) -> int:
    """Returns the status that callers see."""
    return kind.status
