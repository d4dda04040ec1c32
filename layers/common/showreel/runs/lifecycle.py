"""Begins, starts, ends and cancels runs of any kind.

A run always ends in the same way, by the pipeline's last step, its clean-up, a cancel or the sweep.
Every part of it is idempotent:

    1. what the run started is stopped
    2. the hold is closed: what was captured is posted, the rest released; no more can be captured
    3. the run's end and the product's rows are written in one transaction, once
    4. the place in the queue is freed, the next run starts
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from showreel.core.backoff import OUTAGE_SECONDS, REVIVAL_PAUSES
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, Conflict, NotFound
from showreel.core.observability import logger
from showreel.core.settings import RunsTable, settings
from showreel.credits.ledger import Ledger, ledger
from showreel.runs.executions import Executions
from showreel.runs.kinds import RunKind
from showreel.runs.models import CANCELED, TIMED_OUT, Ending, Progress, Run, RunCredits, RunView
from showreel.runs.queue import Queue
from showreel.runs.store import Runs

HOLD_SECONDS = 24 * 3600
"""How long a queued run's credits are held: longer than any wait. Renewed when it starts."""
GRACE_SECONDS = OUTAGE_SECONDS + 3600
"""How long a run's hold outlasts its limit: while our own infrastructure may be down, and then for
the sweep to settle it.
"""
LOOKED_AT = 5
"""How many of the longest waiting runs are considered when a place is free."""


@dataclass(frozen=True)
class Lifecycle:
    """Runs of some kinds and their services. Made by `lifecycle` once per invocation.

    `function_arn` is the calling function's own ARN.
    """

    table: Table
    ledger: Ledger
    loaders: Mapping[str, Callable[[], RunKind]]
    """Functions that import the kinds, by name, called when needed: so a product's first request
    doesn't import all others.
    """
    function_arn: str

    @property
    def kinds(self) -> Sequence[RunKind]:
        """All kinds, imported."""
        return [load() for load in self.loaders.values()]

    @property
    def runs(self) -> Runs:
        """The runs' rows."""
        return Runs(self.table, lambda run: self.kind(run).view(run))

    def kind(self, run: Run) -> RunKind:
        """Returns the kind of a run. Raises NotFound if it is none of these kinds."""
        load = self.loaders.get(run.kind)
        if load is None:
            raise NotFound("Run not found")
        return load()

    def queue(self, kind: RunKind) -> Queue:
        """Returns the queue of a kind."""
        return Queue(self.table, kind.name, kind.limits)

    def executions(self, kind: RunKind) -> Executions:
        """Returns the executions of a kind's state machine, named by their runs."""
        return Executions(kind.state_machine, self.function_arn)

    def begin(self, run: Run, writes: Iterable[Write] = ()) -> bool:
        """Writes a new run, its hold of `run.credits.held`, its queue entry and the product's rows
        in one transaction. Returns False if a condition failed; the caller then reads again.

        Raises InsufficientCredits and Transient.
        """
        enqueue = self.queue(self.kind(run)).enqueue_write(run.workspace_id, run.id)
        every = [*writes, enqueue, *self.runs.create_writes(run)]
        try:
            if run.hold_id is None:
                transact(every)
            else:
                self.ledger.hold(
                    run.workspace_id,
                    run.hold_id,
                    run.credits.held,
                    run_id=run.id,
                    expires_at_seconds=now_seconds() + HOLD_SECONDS,
                    with_writes=every,
                )
        except ConditionFailed:
            return False
        return True

    def dispatch(self, kind: RunKind, workspace_ids: Iterable[str]) -> None:
        """Gives free places to runs of these workspaces, and starts the executions of those that
        have a place. Safe to call at any time.
        """
        queue = self.queue(kind)
        for workspace_id in workspace_ids:
            for run_id in queue.admit(workspace_id):
                run = self.runs.find(run_id)
                if run is None or run.is_over:
                    queue.leave(workspace_id, run_id)
                elif run.status == "queued":
                    self.executions(kind).start(run.execution_name, {"run_id": run_id})

    def start(self, run_id: str, label: str) -> Run:
        """Sets the run running, as the first step of its execution, with its deadline, and renews
        its hold until after that. Raises Conflict `run_over`.
        """

        def begun(run: Run) -> dict[str, Any] | None:
            if run.status != "queued":
                return None
            return {
                "status": "running",
                "started_at": now_iso(),
                "deadline_at": now_seconds() + run.limit_seconds,
                "progress": Progress(step="starting", label=label, progress=5),
            }

        run = self.runs.change(run_id, begun)
        if run.is_over:
            raise Conflict("The run is over", code="run_over")
        if run.hold_id:
            expiry = (run.deadline_at or 0) + GRACE_SECONDS
            self.ledger.renew(run.workspace_id, run.hold_id, expiry)
        return run

    def end(self, run_id: str, ending: Ending) -> Run:
        """Ends the run unless it is over, frees its place either way, and returns it."""
        run = self.runs.get(run_id)
        kind = self.kind(run)
        if not run.is_over:
            kind.stop_children(run, self.function_arn)
            run = self._settle(run, kind, ending)
        self.queue(kind).leave(run.workspace_id, run.id)
        waiting = self.runs.longest_waiting(LOOKED_AT)
        self.dispatch(kind, dict.fromkeys([run.workspace_id, *waiting]))
        return run

    def cancel(self, run: Run) -> Run:
        """Cancels the run: finished work is kept and paid, the rest of the hold is released.

        Raises Conflict `run_over` if it ended in another way before.
        """
        run = self.runs.change(
            run.id, lambda run: None if run.cancel_requested else {"cancel_requested": True}
        )
        if not run.is_over:
            self.executions(self.kind(run)).stop(run.execution_name)
        run = self.end(run.id, CANCELED)
        if run.status != "canceled":
            raise Conflict(f"The run is already {run.status}", code="run_over")
        return run

    def execution_died(self, run: Run) -> None:
        """Ends a run whose execution died. If that was before its first step, the run gets another
        execution instead, after growing pauses if those die too.
        """
        is_given_up = run.restarts >= len(REVIVAL_PAUSES)
        if run.status != "queued" or run.cancel_requested or is_given_up:
            self.end(run.id, self.why(run))
            return
        if now_seconds() < run.restart_at:
            return

        def again(now: Run) -> dict[str, Any] | None:
            is_same = now.status == "queued" and now.restarts == run.restarts
            again_at = now_seconds() + REVIVAL_PAUSES[run.restarts]
            return {"restarts": run.restarts + 1, "restart_at": again_at} if is_same else None

        self.runs.change(run.id, again)
        logger().warning("a run is started again", run_id=run.id, restart=run.restarts + 1)
        self.dispatch(self.kind(run), [run.workspace_id])

    def release(self, run_id: str, error: str) -> None:
        """Ends a run whose execution failed with `error`, as its clean-up step."""
        logger().warning("run released", run_id=run_id, error=error)
        self.end(run_id, self.why(self.runs.get(run_id)))

    def why(self, run: Run) -> Ending:
        """Returns the ending of a run that stopped, read from what is stored."""
        if run.cancel_requested:
            return CANCELED
        if run.deadline_at is not None and now_seconds() >= run.deadline_at:
            return TIMED_OUT
        return self.kind(run).failure(run)

    def shown(self, run: Run) -> RunView:
        """Returns the run as callers see it, with its queue position while it waits."""
        return self.kind(run).view(run).model_copy(update={"queue_position": self.position(run)})

    def position(self, run: Run) -> int | None:
        """Returns the queue position of a waiting run, 1 for the next; None for others."""
        if run.status != "queued":
            return None
        return self.queue(self.kind(run)).state(run.workspace_id).position(run.id)

    def _settle(self, run: Run, kind: RunKind, ending: Ending) -> Run:
        money = self._close(run)
        left = kind.settle(run, ending)

        def end(run: Run) -> dict[str, Any]:
            percent = 100 if ending.status == "completed" else run.progress.progress
            progress = Progress(
                step=ending.status, label=ending.label, total_clips=left.total, progress=percent
            )
            changes = {"status": ending.status, "progress": progress, "credits": money}
            return changes | {"error": ending.error, "output": left.output}

        try:
            ended = self.runs.change(run.id, end, with_writes=left.writes)
        except ConditionFailed:  # the product's rows are gone
            ended = self.runs.change(run.id, end)
        left.then(ended)
        return ended

    def _close(self, run: Run) -> RunCredits:
        """Closes the run's hold; returns what was posted and released."""
        if run.hold_id is None:
            return RunCredits()
        self.ledger.close(run.workspace_id, run.hold_id, "posted")
        hold = self.ledger.find_hold(run.workspace_id, run.hold_id)
        if hold is None:
            return RunCredits()
        released = hold.amount - hold.captured
        return RunCredits(held=hold.amount, posted=hold.captured, released=released)


def lifecycle(function_arn: str, *kinds: RunKind) -> Lifecycle:
    """Returns the lifecycle of these kinds, on the configured tables."""
    return lifecycle_of(function_arn, {kind.name: partial(_same, kind) for kind in kinds})


def lifecycle_of(function_arn: str, loaders: Mapping[str, Callable[[], RunKind]]) -> Lifecycle:
    """Returns the lifecycle of the kinds that these functions import, by name."""
    return Lifecycle(Table(settings(RunsTable).runs_table), ledger(), loaders, function_arn)


def _same(kind: RunKind) -> RunKind:
    return kind
