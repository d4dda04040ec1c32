"""Follows event streams to their last event, however often they break."""

from collections.abc import Callable, Iterable
from typing import Protocol

from showreel_client import faults
from showreel_client.budget import LASTING_SECONDS
from showreel_client.effects import Answer, Conversation, Lost, Read, Request, Sleep
from showreel_client.errors import GenerationError
from showreel_client.run import Run, settled
from showreel_client.sse import Event, Parser, TooMuch


class Reader(Protocol):
    """Reads a stream's events."""

    def start(self) -> None:
        """Prepares for the stream's beginning, which may come again, from its first event."""

    def take(self, event: Event) -> Conversation[bool]:
        """Takes an event; returns True for the last one. Raises GenerationError for an event of
        failure.
        """
        ...

    def whole(self, answer: Answer) -> Conversation[None]:
        """Takes a successful answer that isn't an event stream."""
        ...


def follow(
    run: Run,
    request: Request,
    reader: Reader,
    resumed: Callable[[Request], Request] = lambda request: request,
) -> Conversation[None]:
    """Reads to the last event, reconnecting with the same request: the server replays the stream,
    or continues where the request is `resumed`.

    Raises GenerationError: the stream's own error, `no_body` or `no_result` for one that ends
    early, and the route's code for one that breaks.
    """
    while True:
        answer = yield from settled(run, resumed(request))
        if not answer.is_ok:
            raise faults.error_of(answer, run.route.error_code)
        if not answer.is_stream:
            yield from reader.whole(answer)
            return
        fault = yield from _watched(run, reader)
        if fault is None:
            return
        wait = run.budget.wait_seconds(None, counts=True)
        if wait is None:
            raise fault
        yield Sleep(wait)


def _watched(run: Run, reader: Reader) -> Conversation[GenerationError | None]:
    """Reads one connection. Progress on it resets the count of failures."""
    started, percent = run.budget.surroundings.clock(), run.meter.percent
    fault = yield from _read(run, reader)
    lasted = run.budget.surroundings.clock() - started
    if run.meter.percent > percent or lasted >= LASTING_SECONDS:
        run.budget.renew()
    return fault


def _read(run: Run, reader: Reader) -> Conversation[GenerationError | None]:
    """Returns None after the last event, else the error that ended the stream before it."""
    parser = Parser()
    reader.start()
    while run.budget.left_seconds > 0:
        data = yield Read()
        if isinstance(data, Lost):
            fault = faults.error_of(data, run.route.error_code)
            if not data.may_retry:
                raise fault
            return fault
        if (yield from take_all(reader, _events(run, parser, data))):
            return None
        if not data:
            return _ended_early(parser)
    raise run.error("The time is up, and the stream goes on")


def _events(run: Run, parser: Parser, data: bytes) -> Iterable[Event]:
    try:
        yield from parser.feed(data) if data else parser.end()
    except TooMuch as error:
        raise run.error(f"The stream can't be read: {error}") from error


def take_all(reader: Reader, events: Iterable[Event]) -> Conversation[bool]:
    """Takes events; returns whether the last one was among them."""
    for event in events:
        if (yield from reader.take(event)):
            return True
    return False


def _ended_early(parser: Parser) -> GenerationError:
    if parser.total_bytes <= len(b"\n\n"):
        return GenerationError("The stream has no body", "no_body")
    return GenerationError("The stream ended without a result", "no_result")
