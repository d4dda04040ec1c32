"""Keys that others publish at a URL (JWKS), cached so that nobody can make us fetch them often."""

import json
import threading
import time
from collections.abc import Callable, Sized
from typing import Any

from showreel.core.errors import Transient

MIN_INTERVAL_SECONDS = 30.0
"""Least time between two fetches, whether or not they succeed."""
FETCH_SECONDS = 3.0
MAX_BYTES = 256 * 1024


class PublishedKeys[Keys: Sized]:
    """The keys at one URL, parsed by `read` from the document's entries.

    They are fetched again after `max_age_seconds`. With `outlive_age` they stay in use while
    fetching fails.
    """

    def __init__(
        self,
        url: str,
        read: Callable[[list[dict[str, Any]]], Keys],
        max_age_seconds: float,
        *,
        outlive_age: bool,
    ) -> None:
        self._url, self._read = url, read
        self._max_age_seconds, self._outlive_age = max_age_seconds, outlive_age
        self._keys = read([])
        self._fetched = self._tried = float("-inf")
        self._lock = threading.Lock()

    def current(self) -> Keys:
        """Returns the keys, fetched if they are too old. Raises Transient if there are none."""
        with self._lock:
            if time.monotonic() - self._fetched > self._max_age_seconds:
                self._keys = self._keys if self._outlive_age else self._read([])
                self._refresh()
            if not self._keys:
                raise Transient("the published keys can't be read")
            return self._keys

    def newer(self) -> Keys:
        """Returns the keys, fetched again unless that was tried just before."""
        with self._lock:
            self._refresh()
            return self._keys

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._tried < MIN_INTERVAL_SECONDS:
            return
        self._tried = now
        if keys := self._read(fetch_entries(self._url)):
            self._keys, self._fetched = keys, now


def fetch_entries(url: str) -> list[dict[str, Any]]:
    """Returns the entries of the document at `url`; none if it can't be read."""
    import httpx

    body = bytearray()
    try:
        with httpx.stream("GET", url, timeout=FETCH_SECONDS, trust_env=False) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    return []
    except (httpx.HTTPError, httpx.InvalidURL):
        return []
    return entries_of(bytes(body))


def entries_of(document: bytes) -> list[dict[str, Any]]:
    """Returns the entries of a JWKS document; none if it is something else."""
    try:
        entries = json.loads(document)["keys"]
        return [entry for entry in entries if isinstance(entry, dict)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
