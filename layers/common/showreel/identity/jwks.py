"""The issuer's published keys, cached so that nobody can make us fetch them often."""

import functools
import threading
import time
from dataclasses import dataclass
from typing import Any

from showreel.core.errors import Transient, Unauthenticated

MAX_AGE_SECONDS = 600.0
MIN_INTERVAL_SECONDS = 30.0
"""At most one fetch in this time, whatever tokens ask for and whether it succeeds."""
FETCH_SECONDS = 3.0
MAX_BYTES = 256 * 1024
MIN_RSA_BITS = 2048


@dataclass(frozen=True)
class SigningKey:
    """A key with the one algorithm it may be used with."""

    algorithm: str
    key: Any


class KeySet:
    """The keys at one URL. Old ones stay in use while the issuer can't be reached."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, SigningKey] = {}
        self._fetched = self._tried = float("-inf")
        self._lock = threading.Lock()

    def find(self, key_id: object) -> SigningKey:
        """Returns the key called `key_id`. Raises Unauthenticated; Transient without any keys at
        all.
        """
        now = time.monotonic()
        with self._lock:
            stale = now - self._fetched > MAX_AGE_SECONDS or key_id not in self._keys
            if stale and now - self._tried >= MIN_INTERVAL_SECONDS:
                self._tried = now
                self._refresh(now)
            return self._cached(key_id)

    def _refresh(self, now: float) -> None:
        keys = fetch_keys(self._url)
        if keys:
            self._keys, self._fetched = keys, now

    def _cached(self, key_id: object) -> SigningKey:
        if not self._keys:
            raise Transient("the issuer's keys can't be read")
        if not isinstance(key_id, str) or key_id not in self._keys:
            raise Unauthenticated("The token is missing, expired or invalid")
        return self._keys[key_id]


@functools.cache
def key_set(url: str) -> KeySet:
    """Returns the process's key set for `url`."""
    return KeySet(url)


def fetch_keys(url: str) -> dict[str, SigningKey]:
    """Returns the usable keys at `url` by id; empty if it can't be read."""
    import httpx

    body = bytearray()
    try:
        with httpx.stream("GET", url, timeout=FETCH_SECONDS, trust_env=False) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    return {}
    except (httpx.HTTPError, httpx.InvalidURL):
        return {}
    return parse_keys(bytes(body))


def parse_keys(document: bytes) -> dict[str, SigningKey]:
    """Returns the RS256 and ES256 keys of a JWKS document that have an id; others are
    passed over.
    """
    import json

    try:
        entries = json.loads(document)["keys"]
        found = [(entry.get("kid"), _usable(entry)) for entry in entries]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
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
