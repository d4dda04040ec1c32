"""Runs in DynamoDB: one row per run, one row per event, written together.

pk = run id   sk = run               the run
              sk = event#00000007    the run object as it was at version 7
"""

from collections.abc import Callable, Iterator
from typing import Any

from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed, NotFound, Transient
from showreel.core.observability import about
from showreel.runs.models import Run, view

KEEP_SECONDS = 30 * 86_400
CHANGE_ATTEMPTS = 30
ACTIVE = "active"

Change = Callable[[Run], dict[str, Any] | None]
"""Given the run as it is, the attributes to change, or None if there is nothing to do."""


class Runs:
    """Reads runs, and changes them by compare-and-set on their version."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create_writes(self, run: Run) -> list[Write]:
        """The run and its first event, as parts of the caller's transaction."""
        return [
            self._table.put_write(_row(run), "attribute_not_exists(pk)"),
            self._table.put_write(_event(run)),
        ]

    def find(self, run_id: str) -> Run | None:
        """The run, or None."""
        row = self._table.get(run_id, "run")
        run = _run(row) if row else None
        if run is not None:
            about(run_id=run.id, workspace_id=run.workspace_id, job_id=None)
        return run

    def get(self, run_id: str) -> Run:
        """The run. Raises NotFound."""
        run = self.find(run_id)
        if run is None:
            raise NotFound("Run not found")
        return run

    def change(
        self,
        run_id: str,
        change: Change,
        *,
        with_writes: Callable[[Run], list[Write]] | None = None,
    ) -> Run:
        """Applies `change` to the run and appends the event, in one transaction.

        A terminal run is never changed, and its progress never falls: `change` isn't even asked.
        Two writers at once are serialised by the version; a lost reply shows as a change that finds
        nothing to do. Raises NotFound, or Transient when too many others were faster.
        """
        for _ in range(CHANGE_ATTEMPTS):
            run = self.get(run_id)
            changes = None if run.is_over else change(run)
            if changes is None:
                return run
            changed = _apply(run, changes)
            writes = [self._put(changed, run.version), self._table.put_write(_event(changed))]
            try:
                transact([*writes, *(with_writes(changed) if with_writes else [])])
            except ConditionFailed as error:
                if error.reasons and error.reasons[0] != "ConditionalCheckFailed":
                    raise
            else:
                return changed
        raise Transient("the run is being changed by too many others")

    def _put(self, run: Run, expected_version: int) -> Write:
        return self._table.put_write(
            _row(run), "version = :version", values={":version": expected_version}
        )

    def events(self, run_id: str, after: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """The events after number `after`: their numbers and the run objects as they were."""
        rows = self._table.query_all(
            "pk = :run AND sk BETWEEN :first AND :last",
            values={":run": run_id, ":first": _event_key(after + 1), ":last": "event#~"},
        )
        for row in rows:
            yield int(row["version"]), row["run"]

    def active(self) -> Iterator[Run]:
        """Runs that aren't over, oldest first (eventually consistent)."""
        rows = self._table.query_all("due_shard = :shard", values={":shard": ACTIVE}, index="due")
        return (_run(row) for row in rows)


def _apply(run: Run, changes: dict[str, Any]) -> Run:
    changed = run.model_copy(update={**changes, "version": run.version + 1})
    falling = changed.progress.progress < run.progress.progress
    if falling:
        raised = changed.progress.model_copy(update={"progress": run.progress.progress})
        changed = changed.model_copy(update={"progress": raised})
    finished_at = now_iso() if changed.is_over else None
    return changed.model_copy(update={"finished_at": finished_at})


def _row(run: Run) -> Item:
    row: Item = {
        **run.model_dump(mode="json"),
        "pk": run.id,
        "sk": "run",
        "list_key": f"{run.workspace_id}#run",
        "expires_at": now_seconds() + KEEP_SECONDS,
    }
    if not run.is_over:
        row |= {"due_shard": ACTIVE, "due_at": run.deadline_at or 0}
    return row


def _run(row: Item) -> Run:
    return Run.model_validate(row)


def _event_key(version: int) -> str:
    return f"event#{version:08d}"


def _event(run: Run) -> Item:
    return {
        "pk": run.id,
        "sk": _event_key(run.version),
        "version": run.version,
        "run": view(run).model_dump(mode="json", by_alias=True),
        "at": now_iso(),
        "expires_at": now_seconds() + KEEP_SECONDS,
    }
