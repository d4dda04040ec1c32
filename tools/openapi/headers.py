"""Headers of requests and answers, by what a route's code reads and sends."""

from collections.abc import Iterator, Mapping
from typing import Any

from showreel.edge import etags, idempotency, prefer, sse
from showreel.edge.api import idempotency_header
from showreel.edge.streaming.calls import stream_call
from showreel.orders import lifecycle
from showreel.runs.realtime import feed
from showreel.singles.text import endpoints
from tools.openapi.described import Described
from tools.openapi.errors import RETRY_AFTER
from tools.openapi.routes import Route

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
PARAMETERS: Mapping[str, Schema] = {
    "Idempotency-Key": {
        "description": (
            "1-255 printable characters. The first 2xx answer to a key is kept for 24 hours and "
            "given again with `Idempotent-Replayed: true`"
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    },
    "Prefer": {
        "description": "RFC 7240: `respond-async`, or `wait=N` for a shorter wait in seconds",
        "schema": {"type": "string", "maxLength": 500},
    },
    "Last-Event-ID": {
        "description": "The number of the last event that the client has: those after it follow",
        "schema": {"type": "string", "pattern": "^[0-9]{0,9}$"},
    },
    "If-None-Match": {
        "description": "`ETag`s that the client has: 304 if it is still one of them",
        "schema": {"type": "string", "maxLength": 4000},
    },
    "Accept": {
        "description": "With `audio/mpeg` before JSON the answer is 303 to the sound itself",
        "schema": {"type": "string", "maxLength": 500},
    },
}
ANSWERS: Mapping[str, Schema] = {
    "Idempotent-Replayed": {
        "description": "`true` on an answer that was given before to the same key",
        "schema": {"const": "true"},
    },
    "Preference-Applied": {"description": "Which preferences counted", "schema": TEXT},
    "ETag": {"description": "Changes when the body does", "schema": TEXT},
    "Cache-Control": {"description": "RFC 9111", "schema": TEXT},
    "Link": {"description": '`rel="next"`: the next page, if there is one', "schema": TEXT},
    "Location": {"description": "Where to look next", "schema": {"type": "string"}},
    "Retry-After": RETRY_AFTER,
    "electric-handle": {"description": "Of the run; never changes", "schema": TEXT},
    "electric-offset": {"description": "For the next request's `offset`", "schema": TEXT},
    "electric-schema": {"description": "`{}`: values are JSON", "schema": {"const": "{}"}},
    "electric-cursor": {"description": "For the next request's `cursor`", "schema": TEXT},
    "electric-up-to-date": {"description": "There is no more now", "schema": {"const": "true"}},
}
ELECTRIC = tuple(name for name in ANSWERS if name.startswith("electric-"))
"""What a feed's client needs of every answer."""
REDIRECTS = frozenset({302, 303})
ACCEPTED = 202


def read_by(route: Route, described: Described) -> list[str]:
    """Returns the request headers that the route reads."""
    found = route.reading
    wanted = [
        ("Idempotency-Key", found.reaches(idempotency_header)),
        ("Prefer", found.reaches(prefer.waiting)),
        ("Last-Event-ID", found.reaches(sse.last_event_id)),
        ("If-None-Match", found.reaches(etags.has)),
    ]
    return [name for name, is_read in wanted if is_read] + list(described.parameters)


def parameters() -> dict[str, Schema]:
    """Returns the request headers as components, by name."""
    return {name: {"name": name, "in": "header", **one} for name, one in PARAMETERS.items()}


def sent_with(route: Route, status: int) -> dict[str, Schema]:
    """Returns the headers of an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in _sent(route, status)}


def _sent(route: Route, status: int) -> Iterator[str]:
    found = route.reading
    if status < 300 and found.reaches(idempotency.answer_once, endpoints.answer, stream_call):
        yield "Idempotent-Replayed"
    if status < 300 and found.reaches(prefer.waiting):
        yield "Preference-Applied"
    if status in {200, 304} and found.reaches(etags.has):
        yield from ("ETag", "Cache-Control")
    if status == 200 and found.reaches(feed.answer):
        yield from ELECTRIC
    if status in REDIRECTS:
        yield "Location"
    if status == ACCEPTED and found.reaches(lifecycle.answered):
        yield from ("Location", "Retry-After")
    if route.path.endswith("/model-catalog") and status == 200:
        yield "Link"
