"""A run's stored events as a stream that resumes."""

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

from showreel.edge import following
from showreel.edge.sse import frame
from showreel.runs.models import Run
from showreel.runs.store import Event, Runs

POLL_SECONDS = 0.5


def follow(
    runs: Runs,
    run: Run,
    after: int,
    *,
    deadline: float,
    seen: Callable[[Event], Event] = lambda event: event,
    **timing: Any,
) -> Iterator[bytes]:
    """Returns every stored event after number `after`, then `end`; ends early at `deadline`.

    A stream cut at the deadline has no `end`: the client comes back with `Last-Event-ID`. A run
    that is over always gives its last event and `end` again, so that nobody waits for more.
    `seen` makes of an event what this reader sees; `timing` goes to `edge.following`.
    """
    after, first = min(after, run.version - run.is_over), True

    def look() -> tuple[list[bytes], bool]:
        nonlocal after, first
        frames: list[bytes] = []
        for event in map(seen, runs.events(run.id, after)):
            frames.append(frame(event.name, event.data, event_id=event.number, first=first))
            after, first = event.number, False
            if event.last:
                end = {"id": run.id, "status": event.data["status"]}
                return [*frames, frame("end", end, event_id=event.number)], True
        return frames, False

    return following.follow(look, repeat(POLL_SECONDS), deadline=deadline, **timing)
