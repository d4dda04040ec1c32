"""Answers with the catalogue: pages with their ETags, cached per process."""

import functools
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from showreel.catalog.listing import Query, page
from showreel.edge.api import base_url, dump_json
from showreel.edge.etags import tagged

PATH = "/functions/v1/model-catalog"
KEPT_PAGES = 32


@dataclass(frozen=True)
class ModelPageDocument:
    """A page of the catalogue as it is sent."""

    body: str
    etag: str
    next_cursor: str | None


@functools.lru_cache(KEPT_PAGES)
def listed(query: Query) -> ModelPageDocument:
    """Returns a page as it is sent. Raises InvalidInput `invalid_cursor`."""
    found = page(query)
    body = dump_json(found.items)
    digest = hashlib.sha256(f"{found.next_cursor}\n{body}".encode()).hexdigest()
    return ModelPageDocument(body, f'"{digest[:32]}"', found.next_cursor)


def answer(app: APIGatewayRestResolver, query: Query) -> Response[Any]:
    """Answers 200 with the page, or 304 for a caller who has it."""
    listing = listed(query)
    headers: dict[str, Any] = {}
    if listing.next_cursor is not None:
        headers["Link"] = f'<{base_url(app)}{_next(query, listing.next_cursor)}>; rel="next"'
    return tagged(app, listing.body, listing.etag, headers)


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
