"""The catalogue as an answer: pages with their ETags, kept while the process lives."""

import functools
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from showreel.catalog.listing import Query, page
from showreel.edge.api import base_url, dump_json

PATH = "/functions/v1/model-catalog"
KEPT_PAGES = 32
CACHE_CONTROL = "private, no-cache"
"""Who has it asks whether it has changed: a 304 takes no time."""
MAX_TAGS_CHARS = 4_000


@dataclass(frozen=True)
class Listing:
    """A page as it is sent."""

    body: str
    etag: str
    next_cursor: str | None


@functools.lru_cache(KEPT_PAGES)
def listed(query: Query) -> Listing:
    """Raises InvalidInput `invalid_cursor`."""
    found = page(query)
    body = dump_json(found.items)
    digest = hashlib.sha256(f"{found.next_cursor}\n{body}".encode()).hexdigest()
    return Listing(body, f'"{digest[:32]}"', found.next_cursor)


def answer(app: APIGatewayRestResolver, query: Query) -> Response[Any]:
    """Answers 200 with the page, or 304 for a caller who has it."""
    listing = listed(query)
    headers: dict[str, Any] = {"ETag": listing.etag, "Cache-Control": CACHE_CONTROL}
    if listing.next_cursor is not None:
        headers["Link"] = f'<{base_url(app)}{_next(query, listing.next_cursor)}>; rel="next"'
    if is_known(_tags(app), listing.etag):
        return Response(304, body="", headers=headers)
    return Response(200, "application/json", listing.body, headers=headers)


def _next(query: Query, cursor: str) -> str:
    wanted = {
        "mediaType": query.media_type,
        "workflowType": query.workflow_type,
        "provider": query.provider,
        "search": query.search,
        "includeRetired": "true" if query.include_retired else None,
        "limit": query.limit,
        "cursor": cursor,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    return f"{PATH}?{urlencode(given)}"


def _tags(app: APIGatewayRestResolver) -> str:
    """Returns all `If-None-Match` headers as one list."""
    every = app.current_event.multi_value_headers or {}
    values = next((of for name, of in every.items() if name.lower() == "if-none-match"), None)
    return ",".join(values or [app.current_event.headers.get("if-none-match") or ""])


def is_known(tags: str, etag: str) -> bool:
    """Returns whether `If-None-Match` names the ETag. The comparison is weak, as RFC 9110 has it
    for GET; our ETags have no commas.
    """
    named = {tag.strip().removeprefix("W/") for tag in tags[:MAX_TAGS_CHARS].split(",")}
    return "*" in named or etag in named
