"""Fetches untrusted URLs, safe against server-side request forgery (SSRF).

https on port 443 to public addresses only; every redirect is checked like the first URL; bytes and
seconds are bounded during the transfer. Errors: InvalidInput `blocked_url`; MediaError
`media_too_large`, `media_type`, `media_unreachable`.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from showreel.assets.addresses import is_public
from showreel.assets.network import CONNECT_SECONDS, Deadline, PinnedTransport
from showreel.core.errors import InvalidInput, MediaError

MAX_URL_LENGTH = 2048
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHUNK_BYTES = 1 << 16
HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "showreel-fetch/1"}
FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
HOST_NAME = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+"
    r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])\Z"
)
"""At least two labels, the last starting with a letter: no `localhost`, no `0x7f.1`."""
Origin = tuple[str, str, int]


class Gone(MediaError):
    """The file doesn't exist, or not any more."""


@dataclass(frozen=True)
class Rules:
    """The limits of a fetch.

    `exempt_origins` (`scheme://host:port`) may be plain http and anywhere; an operator sets them.
    `allowed_hosts`, if given, are the only hosts: exact, or `*.example.com` for its subdomains.
    """

    max_bytes: int
    total_seconds: float = 20.0
    exempt_origins: frozenset[str] = field(default_factory=frozenset)
    allowed_hosts: frozenset[str] | None = None

    def exempt(self) -> frozenset[Origin]:
        """Returns the exempt origins, parsed."""
        return frozenset(_origin(httpx.URL(origin)) for origin in self.exempt_origins)


def fetch_bytes(url: str, rules: Rules) -> bytes:
    """Returns the body at `url`. Raises InvalidInput, MediaError."""
    body = bytearray()
    _fetch(url, rules, body.extend, {})
    return bytes(body)


def fetch_file(url: str, path: Path, rules: Rules, headers: Mapping[str, str] | None = None) -> int:
    """Writes the body to `path` and returns its size in bytes; a failed fetch leaves no file.

    `headers` go to the URL's own origin, and to no other after a redirect to one.
    """
    try:
        with path.open("wb") as file:
            _fetch(url, rules, file.write, headers or {})
            return file.tell()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def checked_url(url: str, rules: Rules) -> httpx.URL:
    """Returns `url` parsed, if its spelling is acceptable; addresses are checked on connecting."""
    if len(url) > MAX_URL_LENGTH:
        raise _blocked(f"The URL is longer than {MAX_URL_LENGTH} characters")
    if FORBIDDEN_CHARACTERS.search(url):
        raise _blocked("The URL has spaces, control characters or backslashes")
    try:
        parsed = httpx.URL(url).copy_with(fragment=None)
        origin = _origin(parsed)
    except (httpx.InvalidURL, ValueError) as error:
        raise _blocked("The URL is malformed") from error
    if parsed.userinfo:
        raise _blocked("The URL carries credentials")
    if origin not in rules.exempt():
        _check_origin(*origin, rules.allowed_hosts)
    return parsed


def _origin(url: httpx.URL) -> Origin:
    scheme, host = url.scheme, url.raw_host.decode("ascii").lower()
    return scheme, host, url.port or {"https": 443, "http": 80}.get(scheme, 0)


def _check_origin(scheme: str, host: str, port: int, allowed: frozenset[str] | None) -> None:
    if scheme != "https":
        raise _blocked("The URL must start with https://")
    if port != 443:
        raise _blocked("The URL's port must be 443")
    if not _is_acceptable_host(host):
        raise _blocked("The URL's host is not on the public internet")
    if allowed is not None and not any(_matches(host, pattern) for pattern in allowed):
        raise _blocked("The URL's host is not one that results come from")


def _is_acceptable_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return HOST_NAME.match(host) is not None
    return is_public(host.strip("[]"))


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _blocked(reason: str) -> InvalidInput:
    return InvalidInput(reason, code="blocked_url")


def _fetch(
    url: str, rules: Rules, write: Callable[[bytes], object], headers: Mapping[str, str]
) -> None:
    deadline = Deadline(rules.total_seconds)
    target = checked_url(url, rules)
    home = _origin(target)
    try:
        for _ in range(MAX_REDIRECTS + 1):
            location = _get(target, rules, deadline, write, headers)
            if location is None:
                return
            target = checked_url(_joined(target, location), rules)
            headers = headers if _origin(target) == home else {}
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable("The URL can't be read") from error
    raise _blocked(f"The URL redirects more than {MAX_REDIRECTS} times")


def _joined(base: httpx.URL, location: str) -> str:
    if FORBIDDEN_CHARACTERS.search(location):
        raise _blocked("The URL redirects to a malformed one")
    return str(base.join(location))


def _get(
    url: httpx.URL,
    rules: Rules,
    deadline: Deadline,
    write: Callable[[bytes], object],
    headers: Mapping[str, str],
) -> str | None:
    """Passes the body on, or returns the target of a redirect. Each call has its own cookies."""
    exempt = frozenset((host, port) for _, host, port in rules.exempt())
    timeout = httpx.Timeout(rules.total_seconds, connect=CONNECT_SECONDS)
    transport = PinnedTransport(exempt, deadline)
    with (
        httpx.Client(transport=transport, timeout=timeout, trust_env=False) as client,
        client.stream("GET", url, headers={**headers, **HEADERS}) as response,
    ):
        if response.status_code in REDIRECTS and "location" in response.headers:
            return str(response.headers["location"])
        _check_answer(response, rules.max_bytes)
        _pass_on(response, rules.max_bytes, write)
    return None


def _check_answer(response: httpx.Response, max_bytes: int) -> None:
    if response.status_code in {404, 410}:
        raise Gone("The URL leads to nothing", code="media_unreachable")
    if response.status_code != 200:
        raise _unreachable(f"The URL answers with status {response.status_code}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaError("The URL serves a compressed body", code="media_type")
    if int(response.headers.get("content-length", 0)) > max_bytes:
        raise _too_large(max_bytes)


def _pass_on(response: httpx.Response, max_bytes: int, write: Callable[[bytes], object]) -> None:
    size_bytes = 0
    for chunk in response.iter_raw(CHUNK_BYTES):
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            raise _too_large(max_bytes)
        write(chunk)


def _unreachable(reason: str) -> MediaError:
    return MediaError(reason, code="media_unreachable")


def _too_large(max_bytes: int) -> MediaError:
    return MediaError(
        f"The file is larger than {max_bytes // (1 << 20)} MB", code="media_too_large"
    )
