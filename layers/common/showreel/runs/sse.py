"""Server-Sent Events: frames, and a run's stored events as a stream that resumes.

Frames follow the WHATWG event-stream format; `retry` rides in the first real event, because some
clients take a lone `retry` block for an empty message.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from showreel.core.errors import InvalidInput
from showreel.runs.store import Runs

RETRY_MS = 2000
HEARTBEAT_SECONDS = 12.0
POLL_SECONDS = 0.5
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def frame(event: str, data: Any, *, event_id: int | None = None, first: bool = False) -> bytes:
    """One event: its name, one line of JSON, its number, and on the first the reconnect time."""
    lines = [f"event: {event}", f"data: {json.dumps(data, ensure_ascii=False, allow_nan=False)}"]
    lines += [f"id: {event_id}"] if event_id is not None else []
    lines += [f"retry: {RETRY_MS}"] if first else []
    return ("\n".join(lines) + "\n\n").encode()


def last_event_id(value: str | None) -> int:
    """`Last-Event-ID` as a number, 0 if absent. Raises InvalidInput for anything else."""
    if not value:
        return 0
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise InvalidInput("Last-Event-ID is not one of ours", code="bad_event_id")
    return int(value)


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
