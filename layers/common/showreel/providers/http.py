"""HTTP calls to vendors: one client per base URL and process, limited time and size, no retries."""

import functools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from showreel.core.clock import now
from showreel.core.errors import ProviderTimeout, ProviderUpstream

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 25.0
MAX_BODY_BYTES = 1_000_000
MAX_RETRY_AFTER_SECONDS = 600.0
CHECK_SECONDS = 5.0
CHECK_BYTES = 256_000
"""Limit of an answer that is read only so that its connection can be used again."""


class NotSent(ProviderUpstream):
    """The vendor could not be reached: no byte of the request was sent."""


@dataclass(frozen=True)
class Answer:
    """A vendor's answer. `body` is None unless it is a JSON object."""

    status: int
    body: dict[str, Any] | None
    retry_after_seconds: float | None


@functools.cache
def http_client(base_url: str) -> httpx.Client:
    """Returns this process's client for a vendor."""
    return httpx.Client(base_url=base_url, follow_redirects=False, trust_env=False)


def _timeout(idle_seconds: float) -> httpx.Timeout:
    connect = CONNECT_SECONDS
    return httpx.Timeout(connect=connect, read=idle_seconds, write=READ_SECONDS, pool=connect)


@contextmanager
def opened(
    base_url: str,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
    idle_seconds: float | None = None,
) -> Iterator[httpx.Response]:
    """Sends one request and yields the answer before its body is read.

    Raises NotSent; later errors are httpx's. `idle_seconds` is how long the vendor may pause, by
    default READ_SECONDS.
    """
    content = None if body is None else json.dumps(body).encode()
    sent = {"content-type": "application/json", "accept-encoding": "identity", **headers}
    client, timeout = http_client(base_url), _timeout(idle_seconds or READ_SECONDS)
    try:
        with client.stream(method, path, content=content, headers=sent, timeout=timeout) as answer:
            yield answer
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NotSent("the vendor can't be reached") from error


def call(
    base_url: str,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Answer:
    """Sends one request and returns its answer. Raises NotSent, or ProviderTimeout once bytes may
    have been sent.

    An answer of more than `max_body_bytes` raises ProviderTimeout too.
    """
    deadline = time.monotonic() + TOTAL_SECONDS
    accepting = {"accept": "application/json", **headers}
    try:
        with opened(base_url, method, path, headers=accepting, body=body) as response:
            return read_answer(response, deadline, max_body_bytes)
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise ProviderTimeout("the vendor gave no complete answer") from error


def check(base_url: str, path: str, *, headers: Mapping[str, str]) -> None:
    """Sends a read that changes nothing, within some seconds. Raises ProviderUpstream for a 5xx or
    no answer; any other answer is fine.
    """
    deadline = time.monotonic() + 2 * CHECK_SECONDS
    accepting = {"accept": "application/json", **headers}
    try:
        with opened(
            base_url, "GET", path, headers=accepting, idle_seconds=CHECK_SECONDS
        ) as response:
            status, size = response.status_code, 0
            for chunk in response.iter_raw():
                size += len(chunk)
                if size > CHECK_BYTES or time.monotonic() > deadline:
                    break
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise ProviderUpstream("the vendor gives no answer") from error
    if status >= 500:
        raise ProviderUpstream(f"the vendor answered {status}")


def read_answer(response: httpx.Response, deadline: float, max_body_bytes: int) -> Answer:
    """Reads a response's body.

    Raises ProviderTimeout if it is too long, or not read by `deadline`, in seconds of
    `time.monotonic`.
    """
    data = _read(response, deadline, max_body_bytes)
    return Answer(response.status_code, json_object(data), _retry_after(response))


def _read(response: httpx.Response, deadline: float, max_body_bytes: int) -> bytes:
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > max_body_bytes or time.monotonic() > deadline:
            raise ProviderTimeout("the vendor's answer is too long")
    return bytes(data)


def json_object(data: bytes | str) -> dict[str, Any] | None:
    """Parses a JSON object; None if it is anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _retry_after(response: httpx.Response) -> float | None:
    """Parses `Retry-After`, in either of its forms, to seconds; None if absent or unreadable."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text) if text.isdigit() else _seconds_until(text)
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _seconds_until(http_date: str) -> float:
    return (parsedate_to_datetime(http_date) - now()).total_seconds()
