"""Fetches what customers give an address of."""

import functools

import httpx

_TIMEOUT_SECONDS = 10.0


def fetch(url: str, *, follow_redirects: bool = False) -> httpx.Response:
    """Returns the answer, whatever its status. Raises httpx.HTTPError or httpx.InvalidURL."""
    return _client().get(url, follow_redirects=follow_redirects)


@functools.cache
def _client() -> httpx.Client:
    """One for all: `httpx.get` reads for each call the certificates that the world trusts. No
    connection is kept, since the server may be another stack's by then.
    """
    alone = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False, limits=alone)
