"""Reads fal's results and errors: the files that a model made, the class of an error.

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
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers import errors
from showreel.providers.base import Failed, PollResult, Succeeded
from showreel.providers.errors import Statuses
from showreel.providers.http import Answer
from showreel.providers.values import objects_in, usable_url

LOCKED = "User is locked. Reason: "
UNPAID = ("Exhausted balance", "TOP_UP")
"""How a 403 begins for an account without money. It has no code (public reports)."""
MAX_URLS = 50
MAX_ERRORS = 20
FIRST = ("video", "videos", "images", "image", "audio", "audio_file")
"""The fields of results, best first; other files, such as masks, come after these."""
LINKS = ("video_url", "image_url", "audio_url", "thumbnail_url")
"""Fields of results that some tools have as plain URLs."""

STATUSES: Statuses = {**errors.REFUSED, 410: ProviderModelGone}
FAILED: Statuses = {
    400: ProviderInvalidInput,
    404: ProviderModelGone,
    405: ProviderModelGone,
    413: ProviderInvalidInput,
    422: ProviderInvalidInput,
    504: ProviderTimeout,
}
"""Classes of a finished request's failure, if no type is known. 404 and 405 are for a path that the
app doesn't have: the queue checks only the app.
"""
UNREADABLE: Statuses = {**errors.UNREADABLE, 402: ProviderQuota}
WORDS: dict[type[ProviderError], str] = {
    ProviderContentPolicy: "content_policy_violation",
    ProviderTimeout: "generation_timeout request_timeout startup_timeout",
    ProviderInvalidInput: "bad_request",
    ProviderUpstream: (
        "downstream_service_error downstream_service_unavailable internal_server_error "
        "internal_error client_disconnected client_cancelled runner_scheduling_failure "
        "runner_connection_timeout runner_disconnected runner_connection_refused "
        "runner_connection_error runner_incomplete_response runner_server_error"
    ),
}
"""The vendor's types of model errors and request errors (vendor pages)."""
TYPES = {word: error for error, words in WORDS.items() for word in words.split()}


def refuse(answer: Answer) -> NoReturn:
    """Raises the error of a refused create, SubmitUnknown if the answer is unclear."""
    error = errors.refusal(answer, STATUSES, errors.unavailable(answer))
    if error is ProviderInvalidInput:
        error = _named(answer.body) or error
    _raise(error, answer)


def unreadable(answer: Answer) -> NoReturn:
    """Raises the error of a call that says nothing about the request."""
    _raise(UNREADABLE.get(answer.status, ProviderUpstream), answer)


def result(answer: Answer, error_type: object) -> PollResult:
    """Returns a finished request's result; `error_type` is from its status, if there is one.

    Raises what `unreadable` raises for an answer that isn't the model's.
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
    errors.refuse(ProviderQuota if is_unpaid else error, answer)


def _is_unpaid(answer: Answer) -> bool:
    detail = (answer.body or {}).get("detail")
    if not isinstance(detail, str) or not detail.startswith(LOCKED):
        return False
    return detail.removeprefix(LOCKED).startswith(UNPAID)


def _named(body: dict[str, Any] | None) -> type[ProviderError] | None:
    """Returns the class of the first known type in an error's body."""
    fields = body or {}
    types = [entry.get("type") for entry in objects_in(fields.get("detail"))[:MAX_ERRORS]]
    classes = (_typed(name) for name in (*types, fields.get("error_type")))
    return next((found for found in classes if found), None)


def _typed(name: object) -> type[ProviderError] | None:
    return TYPES.get(name) if isinstance(name, str) else None


def _succeeded(answer: Answer) -> PollResult:
    if answer.body is None:
        raise errors.other_shape()
    if not answer.body:
        return Failed(ProviderUpstream("a success without a result"))
    urls = list(dict.fromkeys(_urls(answer.body)))
    return Succeeded(tuple(urls[:MAX_URLS]), output=answer.body)


def _urls(output: dict[str, Any]) -> Iterator[str]:
    """Yields the URLs in a result: of objects with a `url`, alone or in lists, and of `LINKS`."""
    names = [name for name in FIRST if name in output]
    for name in (*names, *(name for name in output if name not in FIRST)):
        value = output[name]
        entries = value[:MAX_URLS] if isinstance(value, list) else [value]
        found = [entry.get("url") for entry in entries if isinstance(entry, dict)]
        yield from filter(_is_url, found)
    yield from filter(_is_url, (output.get(name) for name in LINKS))


def _is_url(value: object) -> TypeGuard[str]:
    """Returns whether it is an http URL, not a data URL, which models send if asked to."""
    url = usable_url(value)
    return url is not None and url.startswith(("https://", "http://"))
