"""What the endpoints of runs do, whatever the kind: read, follow, cancel."""

from collections.abc import Iterator

from showreel.core.errors import NotFound
from showreel.identity import Caller, require_access
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run
from showreel.runs.store import STATUS, Event
from showreel.runs.stream import follow

MISSING = "Run not found"


def own_run(on: Lifecycle, caller: Caller | None, run_id: str, missing: str = MISSING) -> Run:
    """Returns the run, if the caller may see it; None is the bearer of the run's own token.

    Raises NotFound with the message `missing`, the same for missing and foreign runs, and those of
    other kinds than `on` has.
    """
    run = on.runs.find(run_id)
    is_one = run is not None and run.kind in on.loaders
    if caller is not None:
        require_access(caller, run.workspace_id if run and is_one else None, missing)
    if run is None or not is_one:
        raise NotFound(missing)
    return run


def run_events(on: Lifecycle, run: Run, after: int, deadline: float) -> Iterator[bytes]:
    """Returns the events after number `after` as SSE frames, until the run or the time is over.

    `deadline` is in seconds of `time.monotonic`. The position of a run that waits isn't stored: it
    is told as it is now.
    """

    def with_position(event: Event) -> Event:
        if event.name != STATUS or event.data.get("status") != "queued":
            return event
        data = event.data | {"queuePosition": on.position(run)}
        return Event(event.number, event.name, data, event.last)

    return follow(on.runs, run, after, deadline=deadline, seen=with_position)
