"""Reads vendors' server-sent events as they come: bounded in line, total and time, closed at once.

Of an event only its `data` counts. Not by httpx-sse: it takes lines of any length, and its decoder
alone would save eight lines for one more package in every cold start of a text function.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from showreel.core.errors import ProviderTimeout, ProviderUpstream
from showreel.providers.http import (
    CONNECT_SECONDS,
    MAX_BODY_BYTES,
    READ_SECONDS,
    Answer,
    NotSent,
    http_client,
    json_object,
    read_answer,
)

TOTAL_SECONDS = 240.0
IDLE_SECONDS = 60.0
MAX_LINE_BYTES = 256 * 1024
MAX_TOTAL_BYTES = 4_000_000
MAX_TOKENS = 10_000_000
"""More than any model takes or gives: a count beyond it is no count."""


class EventStream:
    """An answer whose body is still coming."""

    def __init__(self, response: httpx.Response, deadline: float) -> None:
        self.status = response.status_code
        self._response = response
        self._deadline = deadline

    def answer(self) -> Answer:
        """Reads the whole body, of an answer that is no stream."""
        return read_answer(self._response, self._deadline, MAX_BODY_BYTES)

    def events(self) -> Iterator[str]:
        """Yields the data of each event. Raises ProviderTimeout or ProviderUpstream at a bound."""
        data: list[str] = []
        for line in self._lines():
            if line.startswith("data:"):
                data.append(line.removeprefix("data:").removeprefix(" "))
            elif not line and data:
                yield "\n".join(data)
                data = []
        if data:
            yield "\n".join(data)

    def _lines(self) -> Iterator[str]:
        rest = b""
        for chunk in self._chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.rstrip(b"\r").decode(errors="replace")
            if len(rest) > MAX_LINE_BYTES:
                raise ProviderUpstream("a line of the vendor's stream is too long")
        yield rest.rstrip(b"\r").decode(errors="replace")

    def _chunks(self) -> Iterator[bytes]:
        total_bytes = 0
        for chunk in self._response.iter_raw():
            total_bytes += len(chunk)
            if total_bytes > MAX_TOTAL_BYTES:
                raise ProviderUpstream("the vendor's stream is too long")
            if time.monotonic() > self._deadline:
                raise ProviderTimeout("the vendor's stream takes too long")
            yield chunk


@contextmanager
def open_stream(
    base_url: str,
    path: str,
    *,
    headers: Mapping[str, str],
    body: Mapping[str, Any],
    total_seconds: float = TOTAL_SECONDS,
) -> Iterator[EventStream]:
    """Sends one POST; leaving the context closes the call, however much is still to come.

    Raises NotSent, ProviderTimeout when the vendor is silent for `IDLE_SECONDS` or goes on after
    `total_seconds`, and ProviderUpstream when it breaks off.
    """
    deadline = time.monotonic() + total_seconds
    idle_seconds = min(IDLE_SECONDS, total_seconds)
    timeout = httpx.Timeout(
        idle_seconds, connect=CONNECT_SECONDS, write=READ_SECONDS, pool=CONNECT_SECONDS
    )
    content = json.dumps(body).encode()
    sent = {"content-type": "application/json", "accept-encoding": "identity", **headers}
    client = http_client(base_url)
    try:
        with client.stream(
            "POST", path, content=content, headers=sent, timeout=timeout
        ) as response:
            yield EventStream(response, deadline)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NotSent("the vendor can't be reached") from error
    except httpx.TimeoutException as error:
        raise ProviderTimeout("the vendor fell silent") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise ProviderUpstream("the vendor broke off") from error


def event_object(event: str) -> dict[str, Any]:
    """Returns the object in an event. Raises ProviderUpstream if it is something else."""
    found = json_object(event)
    if found is None:
        raise ProviderUpstream("the vendor's stream has another shape")
    return found


def first_object(value: object) -> dict[str, Any]:
    """Returns the first entry of a list if it is an object, else an empty one."""
    first = value[0] if isinstance(value, list) and value else None
    return first if isinstance(first, dict) else {}


def object_in(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Returns the object of that name, an empty one if there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def plain_text(value: object) -> str:
    """Returns a text of the vendor's that can be encoded and stored; empty if it isn't one."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode(errors="replace").decode()


def token_count(value: object) -> int | None:
    """Returns a number of tokens, if it can be one."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= MAX_TOKENS else None
