"""Streams a run's stored events; a client can resume after any of them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any

from showreel.edge import following
from showreel.edge.sse import frame
from showreel.runs.models import Run
from showreel.runs.store import Event, Runs

POLL_SECONDS = 0.5
SentEvents = Iterable[tuple[str, Any]]
"""The names and data to send for a stored event: often one pair, sometimes none."""


def follow(
    runs: Runs,
    run: Run,
    after: int,
    *,
    deadline: float,
    seen: Callable[[Event], Event] = lambda event: event,
    **timing: Any,
) -> Iterator[bytes]:
    """Yields every stored event after number `after`, then `end`; stops early at `deadline`.

    A stream cut at the deadline has no `end`: the client reconnects with `Last-Event-ID`. A run
    that is over always sends its last event and `end` again, so that no client waits for more.
    `seen` changes events for this reader; `timing` is passed to `edge.following`.
    """

    def convert(stored: Event) -> SentEvents:
        event = seen(stored)
        yield event.name, event.data
        if event.last:
            yield "end", {"id": run.id, "status": event.data["status"]}

    pauses = repeat(POLL_SECONDS)
    return follow_as(convert, runs, run, after, pauses, deadline=deadline, **timing)


def follow_as(
    convert: Callable[[Event], SentEvents],
    runs: Runs,
    run: Run,
    after: int,
    pauses: Iterator[float],
    *,
    deadline: float,
    **timing: Any,
) -> Iterator[bytes]:
    """Yields frames of what `convert` returns for every stored event after number `after`.

    A frame's `id` is the event's number. A stream cut at the deadline has no last event: the client
    reconnects. A run that is over always sends its last event again, so that no client waits.
    """
    after, first = min(after, run.version - run.is_over), True

    def look() -> tuple[list[bytes], bool]:
        nonlocal after, first
        frames: list[bytes] = []
        for event in runs.events(run.id, after):
            after = event.number
            for name, data in convert(event):
                frames.append(frame(name, data, event_id=after, first=first))
                first = False
            if event.last:
                return frames, True
        return frames, False

    return following.follow(look, pauses, deadline=deadline, **timing)
