"""A run's stored events as a stream that resumes."""

import time
from collections.abc import Callable, Iterator

from showreel.edge.sse import frame
from showreel.runs.models import Run
from showreel.runs.store import Event, Runs

HEARTBEAT_SECONDS = 12.0
POLL_SECONDS = 0.5


def follow(
    runs: Runs,
    run: Run,
    after: int,
    *,
    deadline: float,
    seen: Callable[[Event], Event] = lambda event: event,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """Every stored event after number `after`, then `end`; ends early at `deadline`.

    A stream cut at the deadline has no `end`: the client comes back with `Last-Event-ID`. A run
    that is over always gives its last event and `end` again, so that nobody waits for more.
    `seen` makes of an event what this reader sees.
    """
    after, first, beat = min(after, run.version - run.is_over), True, clock()
    while True:
        for event in map(seen, runs.events(run.id, after)):
            yield frame(event.name, event.data, event_id=event.number, first=first)
            after, first, beat = event.number, False, clock()
            if event.last:
                end = {"id": run.id, "status": event.data["status"]}
                yield frame("end", end, event_id=event.number)
                return
        if clock() + POLL_SECONDS > deadline:
            return
        if clock() - beat > HEARTBEAT_SECONDS:
            yield b": still here\n\n"
            beat = clock()
        sleep(POLL_SECONDS)
