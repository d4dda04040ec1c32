"""Verifies users' JSON Web Tokens of two issuers.

One is the configured issuer: by a shared HS256 secret or by its published keys (RS256, ES256),
never both. The other is this API itself, for users who signed in with a wallet. Each has its own
keys, algorithm and users, and a token is verified by those of the issuer that it names, so that it
can't choose how it is verified. URLs of keys or keys in a token are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from showreel.core.errors import Unauthenticated
from showreel.core.secrets import secret
from showreel.core.settings import Auth, settings
from showreel.identity import session_tokens
from showreel.identity.jwks import SigningKey, find_key
from showreel.identity.pyjwt import pyjwt

LEEWAY_SECONDS = 30
MAX_TOKEN_LENGTH = 8192
MAX_SUBJECT_BYTES = 255
REQUIRED = ("exp", "sub", "iss", "aud")


@dataclass(frozen=True)
class Trust:
    """An issuer and the key that its tokens have to be signed with."""

    issuer: str
    key: SigningKey


def verified_user(token: str) -> str:
    """Returns the user id (`sub`) of a valid token. Raises Unauthenticated, Transient."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise _refused()
    jwt = pyjwt()
    try:
        decoded = jwt.decode_complete(token, options={"verify_signature": False})
        trust = _trust(decoded["header"], decoded["payload"].get("iss"))
        claims = _claims(token, trust)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _refused() from error
    return _subject(claims)


def _claims(token: str, trust: Trust) -> dict[str, Any]:
    verified: dict[str, Any] = pyjwt().decode(
        token,
        trust.key.key,
        algorithms=[trust.key.algorithm],
        issuer=trust.issuer,
        audience=settings(Auth).jwt_audience,
        leeway=LEEWAY_SECONDS,
        options={"require": list(REQUIRED), "enforce_minimum_key_length": True},
    )
    return verified


def _trust(header: Mapping[str, Any], issuer: Any) -> Trust:
    if "crit" in header or header.get("b64", True) is not True:
        raise _refused()
    if issuer == session_tokens.ISSUER:
        return Trust(session_tokens.ISSUER, _own_key())
    auth = settings(Auth)
    if auth.jwks_url:
        return Trust(auth.jwt_issuer, find_key(auth.jwks_url, header.get("kid")))
    shared = str(secret(auth.auth_secret_arn)["jwt_secret"])
    return Trust(auth.jwt_issuer, SigningKey("HS256", shared))


def _own_key() -> SigningKey:
    key = session_tokens.session_key()
    if key is None:
        raise _refused()
    return SigningKey(session_tokens.ALGORITHM, key)


def _subject(claims: Mapping[str, Any]) -> str:
    subject, expires = claims["sub"], claims["exp"]
    odd = isinstance(expires, bool) or not isinstance(expires, int | float)
    if odd or not isinstance(subject, str) or not subject.isprintable():
        raise _refused()
    if not 1 <= len(subject.encode()) <= MAX_SUBJECT_BYTES:
        raise _refused()
    is_ours = claims["iss"] == session_tokens.ISSUER
    if is_ours != subject.startswith(session_tokens.USER_PREFIX):
        raise _refused()  # an issuer speaks of its own users only
    return subject


def _refused() -> Unauthenticated:
    """Returns one error for every fault, so that a forger learns nothing."""
    return Unauthenticated("The token is missing, expired or invalid")
