"""Streams of numbered events: one that comes again is passed over, and after a break the server
goes on after the last one that was seen.
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
    """Makes values of a stream's events. `label` says in the progress what goes on."""

    route: Route
    label: str
    last_events: frozenset[str]
    """Names of events that end the stream; they are told even if their number was seen."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._last = 0

    @abstractmethod
    def told(self, name: str, body: Mapping[str, Any]) -> object | None:
        """Returns the event as a value, None for one that isn't known."""

    @abstractmethod
    def share(self, told: object) -> float:
        """Returns which part of the work is done with this event, from 0 to 1."""

    @abstractmethod
    def is_last(self, told: object) -> bool:
        """Returns whether nothing comes after this event."""

    def start(self) -> None:  # noqa: B027 - nothing to do is right for all
        """The stream goes on where it broke."""

    def resumed(self, request: Request) -> Request:
        """Returns the request for what comes after the last event that was seen."""
        if not self._last:
            return request
        return replace(request, headers={**request.headers, "Last-Event-ID": str(self._last)})

    def take(self, event: Event) -> Conversation[bool]:
        """Emits an event; True for the last one. Raises GenerationError for `error`."""
        number = int(event.id) if event.id.isascii() and event.id.isdecimal() else None
        if event.name not in self.last_events and number is not None and number <= self._last:
            return False
        body = event.json or {}
        if event.name == "error":
            raise faults.told_error(body, self.route.error_code)
        told = self.told(event.name, body)
        if told is None:
            return False
        self._last = max(self._last, number or 0)
        yield Emit(told)
        yield from self.run.meter.to(99 * self.share(told), self.label)
        return self.is_last(told)

    def whole(self, answer: Answer) -> Conversation[None]:  # noqa: ARG002 - the port's
        """Raises GenerationError: it comes as a stream or not at all."""
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
