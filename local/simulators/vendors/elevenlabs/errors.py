"""ElevenLabs' refusals: HTTP status, type, code and the legacy word of each.

The vendor's page "Errors" has types and codes; the help article "API - Error Code 400 or 401" has
the legacy words, which are still sent beside the codes (reports of customers, 2026). A spent quota
is reported the old way, without a code.
"""

from typing import Any

_VALIDATION, _KEY = "validation_error", "authentication_error"
_RATE, _MISSING = "rate_limit_error", "not_found"
TABLE: dict[str, tuple[int, str | None, str | None, str, str]] = {
    "auth": (401, _KEY, "invalid_api_key", "invalid_api_key", "Invalid API key"),
    "no_key": (
        401,
        _KEY,
        "missing_api_key",
        "needs_authorization",
        "Neither authorization header nor xi-api-key received, please provide one.",
    ),
    "quota": (401, None, None, "quota_exceeded", "This request exceeds your quota of 100000."),
    "rate_limited": (
        429,
        _RATE,
        "system_busy",
        "system_busy",
        "We are experiencing heavy traffic, please try again later.",
    ),
    "too_many": (
        429,
        _RATE,
        "concurrent_limit_exceeded",
        "too_many_concurrent_requests",
        "Too many concurrent requests.",
    ),
    "server_error": (500, "internal_error", "internal_error", "internal_error", "Internal error"),
    "invalid_input": (
        400,
        _VALIDATION,
        "invalid_parameters",
        "invalid_parameters",
        "The request's parameters are invalid.",
    ),
    "content_policy": (
        403,
        "authorization_error",
        "content_against_policy",
        "content_against_policy",
        "The text may violate our Terms of Service and has been blocked.",
    ),
    "bad_prompt": (
        400,
        _VALIDATION,
        "bad_prompt",
        "bad_prompt",
        "Your prompt appears to have violated our Terms of Service.",
    ),
    "model_gone": (
        404,
        _MISSING,
        "model_not_found",
        "model_not_found",
        "A model with that model_id was not found.",
    ),
    "wrong_model": (
        400,
        _VALIDATION,
        "unsupported_model",
        "unsupported_model",
        "The model is not supported for this operation.",
    ),
    "no_voice": (404, _MISSING, "voice_not_found", "voice_not_found", ""),
    "no_text": (400, _VALIDATION, "empty_text", "input_text_empty", "The text must not be empty."),
    "too_long": (400, _VALIDATION, "text_too_long", "max_character_limit_exceeded", ""),
    "settings": (400, _VALIDATION, "invalid_voice_settings", "invalid_voice_settings", ""),
    "generation": (
        400,
        _VALIDATION,
        "invalid_generation_settings",
        "invalid_generation_settings",
        "",
    ),
    "unknown_url": (404, _MISSING, "not_found", "not_found", "Not Found"),
}


class Refused(Exception):
    """The vendor says no; `kind` is the row of the table, the text may say more than it."""

    def __init__(self, kind: str, text: str = "", **data: object) -> None:
        self.kind, self.data = kind, data
        super().__init__(text)


class Invalid(Exception):
    """A field has the wrong shape, which is reported in another form than all other refusals."""

    def __init__(self, loc: tuple[str, ...], kind: str, text: str, given: object = None) -> None:
        self.loc, self.kind, self.given = loc, kind, given
        super().__init__(text)


def refusal_body(kind: str, text: str, request_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Returns the answer's body, without what the row leaves out."""
    _, kind_word, code, status, usual_text = TABLE[kind]
    detail: dict[str, Any] = {"status": status, "message": text or usual_text}
    if code:
        detail |= {"type": kind_word, "code": code, "request_id": request_id}
    return {"detail": detail | ({"data": data} if data else {})}


def invalid_body(problem: Invalid) -> dict[str, Any]:
    """Returns the answer's body for a field of the wrong shape."""
    row = {"type": problem.kind, "loc": list(problem.loc), "msg": str(problem)}
    return {"detail": [{**row, "input": problem.given}]}
