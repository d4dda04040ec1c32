"""Authenticates the caller of a request.

`Authorization: Bearer` carries a user's token or the service token. Routes under `/api/` also
accept the cookie `session`, if one concrete origin is allowed and the request comes from there.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.core.errors import Forbidden, Unauthenticated
from showreel.core.secrets import secret
from showreel.core.settings import Auth, settings
from showreel.identity.tokens import verified_user

COOKIE = "session"
CALLER = "caller"
"""The key of the resolver's context under which the verified caller is kept."""
MAX_USER_ID_BYTES = 255
SAME_SITE = frozenset({"same-origin", "same-site", "none"})
QUERY_METHODS = frozenset({"GET", "HEAD", "DELETE"})


@dataclass(frozen=True)
class Caller:
    """The user for whom the request acts; `user_id` is empty for a service that acts for none."""

    user_id: str
    is_service: bool = False


def current_caller(app: APIGatewayRestResolver) -> Caller:
    """Returns the verified caller; verifies once per request.

    Raises Unauthenticated; Forbidden for a `user_id` of somebody else.
    """
    kept: Caller = app.context.get(CALLER) or _verified(app)
    app.context[CALLER] = kept
    return kept


def _verified(app: APIGatewayRestResolver) -> Caller:
    token = bearer(app)
    acting_for = _claimed_user(app)
    if token is not None and is_service_token(token):
        return Caller(_checked_user(acting_for), is_service=True)
    user_id = verified_user(token if token is not None else _session(app))
    if acting_for is not None and acting_for != user_id:
        raise Forbidden("user_id is not the token's own user")
    return Caller(user_id)


def require_service(caller: Caller) -> None:
    """Raises Forbidden unless the request came with the service token."""
    if not caller.is_service:
        raise Forbidden("Only with the service token")


def bearer(app: APIGatewayRestResolver) -> str | None:
    """Returns the bearer token, or None without an Authorization header. Raises Unauthenticated."""
    value = app.current_event.headers.get("authorization")
    if value is None:
        return None
    scheme, _, token = value.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Authorization must be a bearer token")
    return token.strip()


def is_service_token(token: str) -> bool:
    """Returns whether `token` is the service's, compared in constant time."""
    expected = str(secret(settings(Auth).auth_secret_arn).get("service_token", ""))
    digests = [
        hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (token, expected)
    ]
    return hmac.compare_digest(*digests) and bool(expected)


def _claimed_user(app: APIGatewayRestResolver) -> Any:
    """Returns `user_id` of the query (methods without a body) or of the JSON body, else None."""
    event = app.current_event
    if event.http_method in QUERY_METHODS:
        return (event.query_string_parameters or {}).get("user_id")
    try:
        body = json.loads(event.decoded_body or "null")
    except (ValueError, RecursionError):
        return None
    return body.get("user_id") if isinstance(body, dict) else None


def _checked_user(user_id: Any) -> str:
    if user_id is None:
        return ""
    valid = isinstance(user_id, str) and user_id.isprintable()
    if not valid or not 1 <= len(user_id.encode()) <= MAX_USER_ID_BYTES:
        raise Forbidden("user_id is not a user")
    return str(user_id)


def _session(app: APIGatewayRestResolver) -> str:
    """Returns the cookie's token, where it is accepted. Raises Unauthenticated, Forbidden."""
    origin = settings(Auth).allowed_origin
    token = _cookie(app.current_event.headers.get("cookie", ""))
    if token is None or origin in {"", "*"} or not app.current_event.path.startswith("/api/"):
        raise Unauthenticated("A bearer token is needed")
    _check_same_site(app, origin)
    return token


def _cookie(header: str) -> str | None:
    from http.cookies import CookieError, SimpleCookie  # most callers send a bearer token

    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _check_same_site(app: APIGatewayRestResolver, allowed_origin: str) -> None:
    """Raises Forbidden if the browser's headers say that the request is from another site."""
    headers = app.current_event.headers
    own_host = str(app.current_event.request_context.domain_name)
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    known = {allowed_origin.rstrip("/").lower(), f"https://{own_host.lower()}"}
    foreign_origin = origin is not None and _normal(origin) not in known
    if foreign_origin or (site is not None and site.lower() not in SAME_SITE):
        raise Forbidden("The session cookie is not accepted from another site", code="cross_site")


def _normal(origin: str) -> str:
    parts = urlsplit(origin.lower())
    return f"{parts.scheme}://{parts.netloc}"
