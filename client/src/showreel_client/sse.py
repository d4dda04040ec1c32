"""Parses Server-Sent Events, byte by byte, bounded, by section 9.2 of the HTML standard."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_EVENT_BYTES = 8_000_000
MAX_STREAM_BYTES = 64_000_000


class TooMuch(Exception):
    """An event or a stream is too long."""


@dataclass(frozen=True)
class Event:
    """One event. `name` is `message` unless the stream says otherwise, `id` the last one that it
    gave.
    """

    name: str
    data: str
    id: str = ""

    @property
    def json(self) -> Mapping[str, Any] | None:
        """The data as a JSON object, None if it isn't one."""
        try:
            value = json.loads(self.data)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


class Parser:
    """Turns bytes into whole events as they arrive. Raises TooMuch."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._after_return = False
        self._name = ""
        self._id = ""
        self._data: list[str] = []
        self._event_bytes = 0
        self.total_bytes = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yields the events that end in these bytes."""
        self.total_bytes += len(data)
        if self.total_bytes > MAX_STREAM_BYTES:
            raise TooMuch("the stream is too long")
        if self._after_return and data:
            data = data.removeprefix(b"\n")
            self._after_return = False
        if data:
            self._after_return = data.endswith(b"\r")
        for line in data.splitlines(keepends=True):
            yield from self._take(line)

    def end(self) -> Iterator[Event]:
        """Yields the event whose blank line is missing at an orderly end."""
        yield from self.feed(b"\n\n")

    def _take(self, piece: bytes) -> Iterator[Event]:
        self._line += piece.rstrip(b"\r\n")
        if len(self._line) + self._event_bytes > MAX_EVENT_BYTES:
            raise TooMuch("an event is too long")
        if piece.endswith((b"\n", b"\r")):
            line = bytes(self._line)
            self._line.clear()
            yield from self._whole(line.decode("utf-8", "replace").removeprefix("\ufeff"))

    def _whole(self, line: str) -> Iterator[Event]:
        if not line:
            yield from self._dispatch()
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._event_bytes += len(value) + 1
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self._id = value

    def _dispatch(self) -> Iterator[Event]:
        data, name = self._data, self._name or "message"
        self._data, self._name, self._event_bytes = [], "", 0
        if data:
            yield Event(name, "\n".join(data), self._id)
