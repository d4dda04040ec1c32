"""Reads vendors' server-sent events as they come: bounded in line, total and time, closed at once.

Only the `data` of events is used. httpx-sse isn't, because it accepts lines of any length, and its
decoder alone would save eight lines for one more package in every cold start of a text function.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import httpx

from showreel.core.errors import ProviderTimeout, ProviderUpstream
from showreel.providers.accounts import ProviderAccount
from showreel.providers.http import MAX_BODY_BYTES, Answer, json_object, opened, read_answer

TOTAL_SECONDS = 240.0
IDLE_SECONDS = 60.0
MAX_LINE_BYTES = 256 * 1024
MAX_TOTAL_BYTES = 4_000_000


class EventStream:
    """A streamed answer that is being read."""

    def __init__(self, response: httpx.Response, deadline: float) -> None:
        self._response = response
        self._deadline = deadline

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


class TextAccount(ProviderAccount):
    """An account at a vendor of text: one POST, answered with a stream."""

    total_seconds = TOTAL_SECONDS

    @contextmanager
    def _streaming(
        self, path: str, body: Mapping[str, Any], refuse: Callable[[Answer], NoReturn]
    ) -> Iterator[EventStream]:
        """Sends the request; leaving the context closes the call.

        Raises what `refuse` raises for an answer that isn't 200, NotSent, ProviderTimeout when the
        vendor is silent for `IDLE_SECONDS` or goes on after `total_seconds`, and ProviderUpstream
        when it breaks off.
        """
        deadline = time.monotonic() + self.total_seconds
        headers = {**self._headers(), "accept": "text/event-stream"}
        idle_seconds = min(IDLE_SECONDS, self.total_seconds)
        try:
            with opened(
                self.base_url, "POST", path, headers=headers, body=body, idle_seconds=idle_seconds
            ) as response:
                if response.status_code != 200:
                    refuse(read_answer(response, deadline, MAX_BODY_BYTES))
                yield EventStream(response, deadline)
        except httpx.TimeoutException as error:
            raise ProviderTimeout("the vendor fell silent") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ProviderUpstream("the vendor broke off") from error


def event_object(event: str) -> dict[str, Any]:
    """Parses the JSON object in an event. Raises ProviderUpstream if it is something else."""
    found = json_object(event)
    if found is None:
        raise ProviderUpstream("the vendor's stream has another shape")
    return found
