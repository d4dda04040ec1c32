"""What the clock does for runs, and what happens when an execution dies: nothing depends on a
process or an event having survived. Every part is idempotent and safe to run twice at once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from pydantic import BaseModel

from showreel.core.clock import now_seconds, seconds_since
from showreel.core.errors import AppError
from showreel.core.observability import logger, measure
from showreel.runs.kinds import RunKind
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import TIMED_OUT, Run, execution_run_id
from showreel.runs.queue import Place

SETTLE_SECONDS = 30
"""How long a dead execution's own clean-up may still be under way."""
OVERDUE_SECONDS = 180
"""A run that is over its limit by more was not ended by two sweeps: somebody has to look."""
MONEY_CODES = ("ledger", "hold", "already")
"""How the codes of money errors begin."""


class Detail(BaseModel):
    """The part of the event that is used."""

    name: str
    stateMachineArn: str  # noqa: N815 - the event's own spelling
    status: str


class ExecutionEnded(BaseModel):
    """EventBridge's `Step Functions Execution Status Change`."""

    detail: Detail

    def is_of(self, state_machine: str) -> bool:
        """Returns whether the execution is one of this state machine."""
        return self.detail.stateMachineArn.rpartition(":")[2] == state_machine


def execution_ended(on: Lifecycle, event: ExecutionEnded) -> bool:
    """Looks after the run whose execution died, also one that is over and may still have its
    place; False if it is of no kind here.
    """
    if not any(event.is_of(kind.state_machine) for kind in on.kinds):
        return False
    run = on.runs.find(execution_run_id(event.detail.name))
    if run is not None and run.execution_name == event.detail.name:
        on.execution_died(run)
    return True


def reconcile(on: Lifecycle) -> None:
    """Ends dead and overdue runs, gives lost ones their place back, starts who waits."""
    names = {kind.name for kind in on.kinds}
    active = [run for run in on.runs.active() if run.kind in names]
    guarded(active, lambda run: _reconcile(on, run), lambda run: run.id)
    for kind in on.kinds:
        guarded(on.queue(kind).places(), partial(_free, on, kind), lambda place: place.run_id)
        of_kind = [run for run in active if run.kind == kind.name]
        on.dispatch(kind, dict.fromkeys(run.workspace_id for run in of_kind))
    _measure(active)


def guarded[T](those: Iterable[T], work: Callable[[T], object], name: Callable[[T], str]) -> None:
    """Does the work for each: one that is broken doesn't keep the others from being looked at.

    Money errors are raised.
    """
    for one in those:
        try:
            work(one)
        except AppError as error:
            logger().exception("not reconciled", subject=name(one), code=error.code)
            if error.code.startswith(MONEY_CODES):
                raise


def _measure(active: Sequence[Run]) -> None:
    """Emits what alarms look at."""
    now, statuses = now_seconds(), Counter(run.status for run in active)
    waits = [seconds_since(run.created_at) for run in active if run.status == "queued"]
    late = [run for run in active if (run.deadline_at or now) + OVERDUE_SECONDS < now]
    measure("RunsWaiting", statuses["queued"], "Count")
    measure("RunsRunning", statuses["running"], "Count")
    measure("OldestWaitSeconds", max(waits, default=0), "Seconds")
    measure("OverdueRuns", len(late), "Count")


def _free(on: Lifecycle, kind: RunKind, place: Place) -> None:
    """Frees the place of a run that is over, whoever ended it and died before this."""
    run = on.runs.find(place.run_id)
    if run is None or run.is_over:
        on.queue(kind).leave(place.workspace_id, place.run_id)


def _reconcile(on: Lifecycle, run: Run) -> None:
    kind = on.kind(run)
    queue, executions = on.queue(kind), on.executions(kind)
    if run.cancel_requested:
        on.cancel(run)
    elif not queue.state(run.workspace_id).has(run.id):
        queue.enter(run.workspace_id, run.id)
    elif run.deadline_at is not None and now_seconds() > run.deadline_at:
        executions.stop(run.execution_name)
        on.end(run.id, TIMED_OUT)
    elif executions.has_ended(run.execution_name, SETTLE_SECONDS, unknown=run.status == "running"):
        on.execution_died(run)
