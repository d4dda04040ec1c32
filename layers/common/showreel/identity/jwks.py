"""The published keys of the issuer of users' tokens."""

import functools
from dataclasses import dataclass
from typing import Any

from showreel.core.errors import Unauthenticated
from showreel.core.jwks import PublishedKeys

MAX_AGE_SECONDS = 600.0
MIN_RSA_BITS = 2048


@dataclass(frozen=True)
class SigningKey:
    """A key and the only algorithm that it may be used with."""

    algorithm: str
    key: Any


@functools.cache
def published_keys(url: str) -> PublishedKeys[dict[str, SigningKey]]:
    """Returns this process's keys of `url`. Old ones stay in use while it can't be reached."""
    return PublishedKeys(url, signing_keys, MAX_AGE_SECONDS, outlive_age=True)


def find_key(url: str, key_id: object) -> SigningKey:
    """Returns the key with this id. Raises Unauthenticated; Transient if no keys can be read."""
    published = published_keys(url)
    keys = published.current()
    if key_id not in keys:
        keys = published.newer()
    if not isinstance(key_id, str) or key_id not in keys:
        raise Unauthenticated("The token is missing, expired or invalid")
    return keys[key_id]


def signing_keys(entries: list[dict[str, Any]]) -> dict[str, SigningKey]:
    """Returns the RS256 and ES256 keys that have an id; others are left out."""
    found = [(entry.get("kid"), _usable(entry)) for entry in entries]
    return {key_id: key for key_id, key in found if isinstance(key_id, str) and key}


def _usable(entry: dict[str, Any]) -> SigningKey | None:
    import jwt

    algorithm = {"RSA": "RS256", "EC": "ES256"}.get(entry.get("kty", ""))
    if algorithm is None or entry.get("use", "sig") != "sig" or "d" in entry:
        return None
    if entry.get("alg", algorithm) != algorithm or entry.get("crv", "P-256") != "P-256":
        return None
    try:
        key = jwt.PyJWK(entry, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    weak = algorithm == "RS256" and key.key_size < MIN_RSA_BITS
    return None if weak else SigningKey(algorithm, key)
