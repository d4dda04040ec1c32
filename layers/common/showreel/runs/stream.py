"""A run's stored events as a stream that resumes."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from showreel.edge.sse import frame
from showreel.runs.store import Runs

HEARTBEAT_SECONDS = 12.0
POLL_SECONDS = 0.5


def run_stream(
    runs: Runs,
    run_id: str,
    after: int,
    *,
    deadline: float,
    with_position: Callable[[dict[str, Any]], dict[str, Any]],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """`status` for every stored event after `after`, then `end`; ends early at `deadline`.

    A stream cut at the deadline has no `end`: the client comes back with `Last-Event-ID`. A run
    that is over always gives its last event and `end` again, so that nobody waits for more.
    """
    run = runs.get(run_id)
    after, first, beat = min(after, run.version - run.is_over), True, clock()
    while True:
        for number, seen in runs.events(run_id, after):
            yield frame("status", with_position(seen), event_id=number, first=first)
            after, first, beat = number, False, clock()
            if seen.get("finishedAt"):
                yield frame("end", {"id": run_id, "status": seen["status"]}, event_id=number)
                return
        if clock() + POLL_SECONDS > deadline:
            return
        if clock() - beat > HEARTBEAT_SECONDS:
            yield b": still here\n\n"
            beat = clock()
        sleep(POLL_SECONDS)
