"""Users' JSON Web Tokens, verified against one issuer.

Either a shared HS256 secret or the issuer's published keys (RS256, ES256), never both, so that a
token can't choose how it is verified. Keys that a token names or carries are never looked at.
"""

from collections.abc import Mapping
from typing import Any

from showreel.core.errors import Unauthenticated
from showreel.core.secrets import secret
from showreel.core.settings import Auth, settings
from showreel.identity.jwks import SigningKey, find_key
from showreel.identity.pyjwt import pyjwt

LEEWAY_SECONDS = 30
MAX_TOKEN_LENGTH = 8192
MAX_SUBJECT_BYTES = 255
REQUIRED = ("exp", "sub", "iss", "aud")


def verified_user(token: str) -> str:
    """Returns the user id (`sub`) of a valid token. Raises Unauthenticated, Transient."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise _refused()
    jwt = pyjwt()
    try:
        key = _key(jwt.get_unverified_header(token))
        claims = _claims(token, key)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _refused() from error
    return _subject(claims)


def _claims(token: str, key: SigningKey) -> dict[str, Any]:
    auth = settings(Auth)
    verified: dict[str, Any] = pyjwt().decode(
        token,
        key.key,
        algorithms=[key.algorithm],
        issuer=auth.jwt_issuer,
        audience=auth.jwt_audience,
        leeway=LEEWAY_SECONDS,
        options={"require": list(REQUIRED), "enforce_minimum_key_length": True},
    )
    return verified


def _key(header: Mapping[str, Any]) -> SigningKey:
    if "crit" in header or header.get("b64", True) is not True:
        raise _refused()
    auth = settings(Auth)
    if auth.jwks_url:
        return find_key(auth.jwks_url, header.get("kid"))
    return SigningKey("HS256", str(secret(auth.auth_secret_arn)["jwt_secret"]))


def _subject(claims: Mapping[str, Any]) -> str:
    subject, expires = claims["sub"], claims["exp"]
    odd = isinstance(expires, bool) or not isinstance(expires, int | float)
    if odd or not isinstance(subject, str) or not subject.isprintable():
        raise _refused()
    if not 1 <= len(subject.encode()) <= MAX_SUBJECT_BYTES:
        raise _refused()
    return subject


def _refused() -> Unauthenticated:
    """Returns one text for every fault: it tells a forger nothing."""
    return Unauthenticated("The token is missing, expired or invalid")
