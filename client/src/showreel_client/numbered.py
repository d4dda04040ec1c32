"""Streams of numbered events: repeated ones are ignored, and after a break the server continues
after the last one received.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from showreel_client import faults
from showreel_client.effects import Answer, Conversation, Emit, Request
from showreel_client.errors import GenerationError
from showreel_client.generation import Setting
from showreel_client.routes import Route
from showreel_client.run import Run
from showreel_client.sse import Event
from showreel_client.stream import follow


class NumberedReader(ABC):
    """Turns a stream's events into values. `label` is the message of the progress."""

    route: Route
    label: str
    last_events: frozenset[str]
    """Names of events that end the stream; they are taken even if their number was seen before."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._last = 0

    @abstractmethod
    def decode(self, name: str, body: Mapping[str, Any]) -> object | None:
        """Returns the event as a value, None for an unknown one."""

    @abstractmethod
    def share(self, value: object) -> float:
        """Returns the share of the work that is done with this event, from 0 to 1."""

    @abstractmethod
    def is_last(self, value: object) -> bool:
        """Returns whether this is the last event."""

    def start(self) -> None:  # noqa: B027 - nothing to do is right for all
        """Does nothing: the stream continues where it broke."""

    def resumed(self, request: Request) -> Request:
        """Returns the request for the events after the last one received."""
        if not self._last:
            return request
        return replace(request, headers={**request.headers, "Last-Event-ID": str(self._last)})

    def take(self, event: Event) -> Conversation[bool]:
        """Emits an event; returns True for the last one. Raises GenerationError for `error`."""
        number = int(event.id) if event.id.isascii() and event.id.isdecimal() else None
        if event.name not in self.last_events and number is not None and number <= self._last:
            return False
        body = event.json or {}
        if event.name == "error":
            raise faults.error_in(body, self.route.error_code)
        value = self.decode(event.name, body)
        if value is None:
            return False
        self._last = max(self._last, number or 0)
        yield Emit(value)
        yield from self.run.meter.to(99 * self.share(value), self.label)
        return self.is_last(value)

    def whole(self, answer: Answer) -> Conversation[None]:  # noqa: ARG002 - the port's
        """Raises GenerationError: the answer must be a stream."""
        raise self.run.error("The answer is no stream of events")
        yield


def read(
    setting: Setting,
    request_id: str,
    route: Route,
    make: Callable[[Run], NumberedReader],
    body: dict[str, Any],
) -> Conversation[None]:
    """Emits every event of the stream once. Raises GenerationError, with the request's id."""
    run = setting.run(route, request_id)
    reader = make(run)
    try:
        request = run.post(body, accept="text/event-stream")
        yield from follow(run, request, reader, reader.resumed)
    except GenerationError as error:
        error.request_id = request_id
        raise
