"""ETags: a caller who has the current answer gets 304 without a body."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

CACHE_CONTROL = "private, no-cache"
"""Clients ask each time whether their copy is current: a 304 is quick."""
MAX_TAGS_CHARS = 4_000


def tagged(
    app: APIGatewayRestResolver, body: str, etag: str, headers: dict[str, Any] | None = None
) -> Response[Any]:
    """Answers 200 with the JSON, or 304 for a caller who has it."""
    every: dict[str, Any] = {"ETag": etag, "Cache-Control": CACHE_CONTROL, **(headers or {})}
    if has(app, etag):
        return Response(304, body="", headers=every)
    return Response(200, "application/json", body, headers=every)


def has(app: APIGatewayRestResolver, etag: str) -> bool:
    """Returns whether the request's `If-None-Match` names the ETag."""
    return is_known(_tags(app), etag)


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
