"""The endpoints of runs of any kind: read, stream, issue a token."""

from collections.abc import Iterator

from showreel.core.clock import iso_at, now_seconds
from showreel.core.errors import NotFound
from showreel.core.wire import Wire
from showreel.identity import Caller, issue_run_token, require_access
from showreel.identity.run_tokens import LIFETIME_SECONDS
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run
from showreel.runs.store import STATUS, Event
from showreel.runs.stream import follow

MISSING = "Run not found"


class RunToken(Wire):
    """A token that reads one run, whatever its kind, and nothing else."""

    run_id: str
    public_access_token: str
    expires_at: str


def own_run(on: Lifecycle, caller: Caller | None, run_id: str, missing: str = MISSING) -> Run:
    """Returns the run, if the caller may see it; `caller` is None for the run's own token.

    Raises NotFound with the message `missing`, the same for missing and foreign runs, and for those
    of other kinds than `on` has.
    """
    run = on.runs.find(run_id)
    is_one = run is not None and run.kind in on.loaders
    if caller is not None:
        require_access(caller, run.workspace_id if run and is_one else None, missing)
    if run is None or not is_one:
        raise NotFound(missing)
    return run


def token_of(run: Run) -> RunToken:
    """Returns a token to read the run, with its expiry."""
    ends_at = iso_at(now_seconds() + LIFETIME_SECONDS)
    token = issue_run_token(run.id)
    return RunToken(run_id=run.id, public_access_token=token, expires_at=ends_at)


def run_events(on: Lifecycle, run: Run, after: int, deadline: float) -> Iterator[bytes]:
    """Yields the events after number `after` as SSE frames, until the run's end or the deadline.

    `deadline` is in seconds of `time.monotonic`. The queue position of a waiting run isn't stored;
    it is read when the event is sent.
    """

    def with_position(event: Event) -> Event:
        if event.name != STATUS or event.data.get("status") != "queued":
            return event
        data = event.data | {"queuePosition": on.position(run)}
        return Event(event.number, event.name, data, event.last)

    return follow(on.runs, run, after, deadline=deadline, seen=with_position)
