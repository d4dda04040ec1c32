"""Reconciles runs every minute and when an execution dies, so that no run depends on a process or
an event. Every part is idempotent and safe to run twice at once.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from pydantic import BaseModel

from showreel.core.backoff import OUTAGE_SECONDS
from showreel.core.clock import now_seconds, seconds_since
from showreel.core.dynamo import Item
from showreel.core.observability import measure
from showreel.runs.kinds import RunKind
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import TIMED_OUT, Run, execution_run_id
from showreel.runs.store import ACTIVE_PARTITIONS
from showreel.runs.sweep import Round, guarded

SETTLE_SECONDS = 30
"""How long the clean-up of a dead execution may still be running."""
OVERDUE_SECONDS = 180
"""A run that is over its limit by more was missed by two sweeps, which is an alarm."""


class Detail(BaseModel):
    """The used part of the event's detail."""

    name: str
    stateMachineArn: str  # noqa: N815 - the event's own spelling
    status: str


class ExecutionEnded(BaseModel):
    """EventBridge's event `Step Functions Execution Status Change`."""

    detail: Detail

    def is_of(self, state_machine: str) -> bool:
        """Returns whether the execution is one of this state machine."""
        return self.detail.stateMachineArn.rpartition(":")[2] == state_machine


def execution_ended(on: Lifecycle, event: ExecutionEnded) -> bool:
    """Reconciles the run whose execution ended; a run that is over may still have its place.
    Returns False if it is of no kind here. A run that is being canceled is left to that process, so
    that its vendors are asked to stop once; the sweep ends it if the process died.
    """
    if not any(event.is_of(kind.state_machine) for kind in on.kinds):
        return False
    run = on.runs.find(execution_run_id(event.detail.name))
    if run is None or run.execution_name != event.detail.name:
        return True
    if run.is_over or not run.cancel_requested:
        on.execution_died(run)
    return True


def reconcile(on: Lifecycle, sweep: Round) -> None:
    """Ends dead and overdue runs, puts lost ones back into the queue, starts waiting ones."""
    names, seen = {kind.name for kind in on.kinds}, list[Run]()

    def look(row: Item) -> None:
        run = on.runs.find(str(row["pk"]))
        if run is not None and run.kind in names and not run.is_over:
            seen.append(run)
            _reconcile(on, run)

    rows = sweep.rows("runs", ACTIVE_PARTITIONS, on.runs.active_page)
    guarded(rows, look, lambda row: str(row["pk"]))
    for kind in on.kinds:
        guarded([kind], partial(_free_places, on), lambda kind: kind.name)
        of_kind = dict.fromkeys(run.workspace_id for run in seen if run.kind == kind.name)
        guarded(of_kind, partial(_dispatch, on, kind), str)
    _measure(seen)


def _dispatch(on: Lifecycle, kind: RunKind, workspace_id: str) -> None:
    on.dispatch(kind, [workspace_id])


def _free_places(on: Lifecycle, kind: RunKind) -> None:
    """Frees places of runs that are over, left by processes that died while ending them."""
    guarded(on.queue(kind).placed(), partial(_free_place, on, kind), str)


def _free_place(on: Lifecycle, kind: RunKind, run_id: str) -> None:
    run = on.runs.find(run_id)
    if run is None:
        on.queue(kind).free(run_id)
    elif run.is_over:
        on.queue(kind).leave(run.workspace_id, run_id)


def _measure(active: Sequence[Run]) -> None:
    """Emits the metrics of active runs, for alarms."""
    now, statuses = now_seconds(), Counter(run.status for run in active)
    waits = [seconds_since(run.created_at) for run in active if run.status == "queued"]
    late = [run for run in active if (run.deadline_at or now) + OVERDUE_SECONDS < now]
    measure("RunsWaiting", statuses["queued"], "Count")
    measure("RunsRunning", statuses["running"], "Count")
    measure("OldestWaitSeconds", max(waits, default=0), "Seconds")
    measure("OverdueRuns", len(late), "Count")


def _is_at_its_limit(run: Run, kind: RunKind) -> bool:
    """Returns whether to end the run at its limit; if only our own infrastructure is late, it has
    `OUTAGE_SECONDS` more, for which state machines retry.
    """
    over = 0 if run.deadline_at is None else now_seconds() - run.deadline_at
    return over > 0 and (over > OUTAGE_SECONDS or not kind.waits_for_us(run))


def _reconcile(on: Lifecycle, run: Run) -> None:
    kind = on.kind(run)
    queue, executions = on.queue(kind), on.executions(kind)
    if run.cancel_requested:
        on.cancel(run)
    elif not queue.state(run.workspace_id).has(run.id):
        queue.enter(run.workspace_id, run.id)
    elif _is_at_its_limit(run, kind):
        executions.stop(run.execution_name)
        on.end(run.id, TIMED_OUT)
    elif executions.has_ended(run.execution_name, SETTLE_SECONDS, unknown=run.status == "running"):
        on.execution_died(run)
