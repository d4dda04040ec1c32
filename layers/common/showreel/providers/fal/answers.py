"""fal's results and errors: what files a model made, and which class an error is.

A model's error is `{"detail": [{"loc", "msg", "type"}]}`; trouble around it is
`{"detail": "...", "error_type": "..."}`. Only types and statuses decide.
"""

from collections.abc import Iterator
from typing import Any, NoReturn, TypeGuard

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers import refusals
from showreel.providers.base import Failed, PollResult, SubmitUnknown, Succeeded
from showreel.providers.http import Answer

LOCKED = "User is locked. Reason: "
UNPAID = ("Exhausted balance", "TOP_UP")
"""How a 403 begins for an account without money. It has no code (public reports)."""
MAX_URL_CHARS = 4096
MAX_URLS = 50
MAX_ERRORS = 20
FIRST = ("video", "videos", "images", "image", "audio", "audio_file")
"""Where models have their results, best first; other files, such as masks, come after these."""
LINKS = ("video_url", "image_url", "audio_url", "thumbnail_url")
"""Results that some tools tell as text."""

REFUSED: dict[int, type[ProviderError]] = {
    400: ProviderInvalidInput,
    401: ProviderAuth,
    402: ProviderQuota,
    403: ProviderAuth,
    404: ProviderModelGone,
    410: ProviderModelGone,
    413: ProviderInvalidInput,
    422: ProviderInvalidInput,
    429: ProviderRateLimited,
}
"""What a create is refused with."""
FAILED: dict[int, type[ProviderError]] = {
    400: ProviderInvalidInput,
    404: ProviderModelGone,
    405: ProviderModelGone,
    413: ProviderInvalidInput,
    422: ProviderInvalidInput,
    504: ProviderTimeout,
}
"""What a finished request failed with, if no type says it. 404 and 405 are a path that its app
doesn't have: the queue looks only at the app.
"""
UNREADABLE: dict[int, type[ProviderError]] = {
    401: ProviderAuth,
    402: ProviderQuota,
    403: ProviderAuth,
    429: ProviderRateLimited,
}
"""What keeps us from reading a request; anything else is the vendor's fault."""
TYPES: dict[str, type[ProviderError]] = {
    "content_policy_violation": ProviderContentPolicy,
    "generation_timeout": ProviderTimeout,
    "downstream_service_error": ProviderUpstream,
    "downstream_service_unavailable": ProviderUpstream,
    "internal_server_error": ProviderUpstream,
    "request_timeout": ProviderTimeout,
    "startup_timeout": ProviderTimeout,
    "runner_scheduling_failure": ProviderUpstream,
    "runner_connection_timeout": ProviderUpstream,
    "runner_disconnected": ProviderUpstream,
    "runner_connection_refused": ProviderUpstream,
    "runner_connection_error": ProviderUpstream,
    "runner_incomplete_response": ProviderUpstream,
    "runner_server_error": ProviderUpstream,
    "internal_error": ProviderUpstream,
    "client_disconnected": ProviderUpstream,
    "client_cancelled": ProviderUpstream,
    "bad_request": ProviderInvalidInput,
}
"""The vendor's types of model errors and of request errors (vendor pages)."""


def refuse(answer: Answer) -> NoReturn:
    """A refused create, by its class. Anything unclear is SubmitUnknown."""
    error = REFUSED.get(answer.status)
    if answer.status == 503 and answer.body is not None:
        error = ProviderUpstream
    if error is None:
        raise SubmitUnknown(f"the create was answered by {answer.status}")
    if error is ProviderInvalidInput:
        error = _named(answer.body) or error
    _raise(error, answer)


def unreadable(answer: Answer) -> NoReturn:
    """A call that told nothing about the request."""
    _raise(UNREADABLE.get(answer.status, ProviderUpstream), answer)


def result(answer: Answer, error_type: object) -> PollResult:
    """What a finished request came to; `error_type` is what its status says, if it does.

    Raises what `unreadable` does for an answer that isn't the model's.
    """
    if answer.status == 200:
        return _succeeded(answer)
    if answer.status < 400 or answer.status in UNREADABLE or answer.body is None:
        unreadable(answer)
    by_status = FAILED.get(answer.status, ProviderUpstream)
    error = _named(answer.body) or _typed(error_type) or by_status
    return Failed(error("the vendor's request failed"))


def _raise(error: type[ProviderError], answer: Answer) -> NoReturn:
    is_unpaid = error is ProviderAuth and _is_unpaid(answer)
    refusals.refuse(ProviderQuota if is_unpaid else error, answer)


def _is_unpaid(answer: Answer) -> bool:
    detail = (answer.body or {}).get("detail")
    if not isinstance(detail, str) or not detail.startswith(LOCKED):
        return False
    return detail.removeprefix(LOCKED).startswith(UNPAID)


def _named(body: dict[str, Any] | None) -> type[ProviderError] | None:
    """The class of the first known type in an error's body."""
    told = body or {}
    detail = told.get("detail")
    entries = detail[:MAX_ERRORS] if isinstance(detail, list) else []
    types = [entry.get("type") for entry in entries if isinstance(entry, dict)]
    classes = (_typed(name) for name in (*types, told.get("error_type")))
    return next((found for found in classes if found), None)


def _typed(name: object) -> type[ProviderError] | None:
    return TYPES.get(name) if isinstance(name, str) else None


def _succeeded(answer: Answer) -> PollResult:
    if answer.body is None:
        raise ProviderUpstream("the vendor's answer has another shape")
    if not answer.body:
        return Failed(ProviderUpstream("a success without a result"))
    urls = list(dict.fromkeys(_urls(answer.body)))
    return Succeeded(tuple(urls[:MAX_URLS]), output=answer.body)


def _urls(output: dict[str, Any]) -> Iterator[str]:
    """The files of a result: objects with a `url`, alone or in lists, and links by name."""
    names = [name for name in FIRST if name in output]
    for name in (*names, *(name for name in output if name not in FIRST)):
        value = output[name]
        entries = value[:MAX_URLS] if isinstance(value, list) else [value]
        found = [entry.get("url") for entry in entries if isinstance(entry, dict)]
        yield from filter(_is_url, found)
    yield from filter(_is_url, (output.get(name) for name in LINKS))


def _is_url(value: object) -> TypeGuard[str]:
    """Not the data itself, which a model sends if asked to."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_URL_CHARS
        and value.startswith(("https://", "http://"))
    )
