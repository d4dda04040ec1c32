"""Runs in DynamoDB: one row per run, one row per event, written together.

pk = run id   sk = run               the run
              sk = event#00000007    the event of version 7: its name and data

Runs that aren't over are in the index `due`, in several partitions per status, so that many runs
spread. It has only their ids and workspaces: with whole rows, each write would be two.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from typing import Any

from showreel.core.clock import now_iso, now_seconds, seconds_at
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed, NotFound, Transient
from showreel.core.ids import shard_of
from showreel.core.observability import about
from showreel.runs.models import Run, RunStatus, RunView

KEEP_SECONDS = 30 * 86_400
CHANGE_ATTEMPTS = 30
SHARDS = 4
ACTIVE: tuple[RunStatus, ...] = ("queued", "running")
ACTIVE_PARTITIONS = tuple(f"{status}#{shard}" for status, shard in product(ACTIVE, range(SHARDS)))
STATUS = "status"
"""The name of events with the whole run object."""

NewEvent = tuple[str, dict[str, Any]]
"""An event that a product appends: its name and its data."""
Change = Callable[[Run], dict[str, Any] | None]
"""Returns the attributes to change in the present run, or None if there is nothing to do."""
RunViewer = Callable[[Run], RunView]
"""Returns a run as its kind shows it."""


@dataclass(frozen=True)
class Event:
    """One event of a run. `number` grows by one; after the `last` one there are no more."""

    number: int
    name: str
    data: dict[str, Any]
    last: bool = False


class StoredRuns:
    """A reader of runs of any kind."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, run_id: str) -> Run | None:
        """Returns the run, or None."""
        row = self._table.get(run_id, "run")
        run = Run.model_validate(row) if row else None
        if run is not None:
            about(run_id=run.id, workspace_id=run.workspace_id, job_id=None)
        return run

    def get(self, run_id: str) -> Run:
        """Returns the run. Raises NotFound."""
        run = self.find(run_id)
        if run is None:
            raise NotFound("Run not found")
        return run

    def is_changed(self, run_id: str, version: int) -> bool:
        """Returns whether the run has a newer version, by the event of the next version.

        An event's row is small, however large the run's own row is.
        """
        return self._table.has(run_id, _event_key(version + 1))

    def events(self, run_id: str, after: int = 0) -> Iterator[Event]:
        """Yields the events after number `after`."""
        rows = self._table.query_all(
            "pk = :run AND sk BETWEEN :first AND :last",
            values={":run": run_id, ":first": _event_key(after + 1), ":last": "event#~"},
        )
        for row in rows:
            yield Event(int(row["number"]), row["name"], row["data"], row["last"])


class Runs(StoredRuns):
    """A reader and writer of runs, which changes them by compare-and-set on their version."""

    def __init__(self, table: Table, view: RunViewer) -> None:
        super().__init__(table)
        self._view = view

    def create_writes(self, run: Run) -> list[Write]:
        """Returns the run and its first event, as parts of the caller's transaction."""
        return [
            self._table.put_write(_row(run), "attribute_not_exists(pk)"),
            self._table.put_write(self._event(run, run.version, None)),
        ]

    def change(
        self,
        run_id: str,
        change: Change,
        *,
        event: NewEvent | None = None,
        more_events: Sequence[NewEvent] = (),
        with_writes: Sequence[Write] = (),
    ) -> Run:
        """Applies `change` to the run and appends an event, in one transaction: `event`, or the run
        object as `status`, and `more_events` after it.

        A terminal run is never changed, without calling `change`; progress never falls. Two writers
        at once are serialised by the version; after a lost reply `change` finds nothing to do.
        Raises NotFound, or Transient when too many others were faster.
        """
        events = [event, *more_events]
        for _ in range(CHANGE_ATTEMPTS):
            run = self.get(run_id)
            changes = None if run.is_over else change(run)
            if changes is None:
                return run
            changed = _apply(run, changes, len(events))
            put = self._table.put_write(
                _row(changed), "version = :version", values={":version": run.version}
            )
            event_puts = map(self._table.put_write, self._event_rows(changed, events))
            try:
                transact([put, *event_puts, *with_writes])
            except ConditionFailed as error:
                if error.reasons and error.reasons[0] != "ConditionalCheckFailed":
                    raise
            else:
                return changed
        raise Transient("the run is being changed by too many others")

    def active_page(self, partition: str, start: Item | None) -> tuple[list[Item], Item | None]:
        """Returns a page of ids (`pk`) of runs that aren't over, by deadline or, if they wait, by
        creation (eventually consistent), and where the next page starts.
        """
        values = {":shard": partition}
        return self._table.query(_DUE, values=values, index="due", start=start)

    def longest_waiting(self, limit: int) -> list[str]:
        """Returns the workspaces of the longest waiting runs, `limit` runs of each partition
        (eventually consistent).
        """
        found: list[Item] = []
        for shard in range(SHARDS):
            values = _due("queued", shard)
            rows, _ = self._table.query(_DUE, values=values, index="due", limit=limit)
            found += rows
        return [row["workspace_id"] for row in sorted(found, key=itemgetter("due_at"))]

    def _event_rows(self, run: Run, events: Sequence[NewEvent | None]) -> Iterator[Item]:
        """Yields the events' rows; the last one's number is the run's version."""
        for number, event in enumerate(events, run.version - len(events) + 1):
            yield self._event(run, number, event)

    def _event(self, run: Run, number: int, event: NewEvent | None) -> Item:
        name, data = event or (STATUS, self._view(run).model_dump(mode="json", by_alias=True))
        return {
            "pk": run.id,
            "sk": _event_key(number),
            "number": number,
            "name": name,
            "data": data,
            "last": run.is_over and number == run.version,
            "at": now_iso(),
            "expires_at": now_seconds() + KEEP_SECONDS,
        }


_DUE = "due_shard = :shard"


def _due(status: RunStatus, shard: int) -> dict[str, str]:
    return {":shard": f"{status}#{shard}"}


def _apply(run: Run, changes: dict[str, Any], events: int) -> Run:
    changed = run.model_copy(update={**changes, "version": run.version + events})
    reached = max(changed.progress.progress, run.progress.progress)
    progress = changed.progress.model_copy(update={"progress": reached})
    finished_at = now_iso() if changed.is_over else None
    times = {"finished_at": finished_at, "updated_at": now_iso()}
    return changed.model_copy(update={"progress": progress, **times})


def _row(run: Run) -> Item:
    row: Item = {
        **run.model_dump(mode="json"),
        "pk": run.id,
        "sk": "run",
        "expires_at": now_seconds() + KEEP_SECONDS,
    }
    if not run.is_over:
        shard = shard_of(run.id, SHARDS)
        due_at = run.deadline_at or seconds_at(run.created_at)
        row |= {"due_shard": f"{run.status}#{shard}", "due_at": due_at}
    return row


def open_check(table: Table, run_id: str) -> Write:
    """Returns a part of the caller's transaction that fails it if the run is over or being
    canceled, so that nothing is ordered for it any more.
    """
    return table.check_write(
        run_id,
        "run",
        "#status IN (:queued, :running) AND cancel_requested = :no",
        names={"#status": "status"},
        values={":queued": "queued", ":running": "running", ":no": False},
    )


def _event_key(version: int) -> str:
    return f"event#{version:08d}"
