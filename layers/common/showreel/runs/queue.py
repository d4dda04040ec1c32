"""The queue of one kind of run: first in, first out, with limits per workspace and in all.

    pk = queue#<kind>#<workspace id>   sk = queue   the workspace's waiting and running runs
    pk = places#<kind>                 sk = places  the runs of all workspaces that have a place

A new run is appended without a condition, so that triggers don't conflict. The first one takes a
place, then moves from waiting to running; both writes may be repeated by any process. If a process
dies between them, the same run keeps the place. Ending a run frees its place; the sweep frees those
of runs that are over.
"""

import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from itertools import islice

from pydantic import BaseModel

from showreel.core.backoff import jittered
from showreel.core.dynamo import Table, Write
from showreel.core.errors import ConditionFailed, RateLimited, Transient
from showreel.runs.kinds import RunLimits

QUEUE, PLACES = "queue", "places"
ATTEMPTS = 10
MAX_WAITING = 1000
"""How many runs of a workspace may wait: a row's size is limited."""
FULL_RETRY_SECONDS = 60


class QueueState(BaseModel):
    """The ids of a workspace's runs of one kind: waiting, in order, and running."""

    waiting: list[str] = []
    running: frozenset[str] = frozenset()

    def position(self, run_id: str) -> int | None:
        """Returns the position of a waiting run, 1 for the next; None if it isn't waiting."""
        return self.waiting.index(run_id) + 1 if run_id in self.waiting else None

    def has(self, run_id: str) -> bool:
        """Returns whether the run waits or runs."""
        return run_id in self.waiting or run_id in self.running


class Queue:
    """The queue rows of one kind of run in the runs table."""

    def __init__(self, table: Table, kind: str, limits: RunLimits) -> None:
        self._table = table
        self._kind = kind
        self._limits = limits

    def state(self, workspace_id: str) -> QueueState:
        """Returns the present state of the workspace's queue."""
        row = self._table.get(self._pk(workspace_id), QUEUE)
        return QueueState.model_validate(row or {})

    def enqueue_write(self, workspace_id: str, run_id: str) -> Write:
        """Returns the write that appends a new run, for the transaction that makes it.

        Raises RateLimited when too many wait.
        """
        if len(self.state(workspace_id).waiting) >= MAX_WAITING:
            message = f"{MAX_WAITING} runs of this workspace wait already"
            raise RateLimited(message, retry_after_seconds=FULL_RETRY_SECONDS)
        return self._append(workspace_id, run_id)

    def enter(self, workspace_id: str, run_id: str) -> None:
        """Appends a run unless it is in the queue already. Raises Transient."""
        absent = "NOT contains(waiting, :run) AND NOT contains(running, :run)"

        def change(state: QueueState) -> Write | None:
            if state.has(run_id):
                return None
            return self._append(workspace_id, run_id, absent, run=run_id)

        self._change(workspace_id, change)

    def leave(self, workspace_id: str, run_id: str) -> None:
        """Removes a run, waiting or running, and frees its place. Raises Transient."""

        def change(state: QueueState) -> Write | None:
            if run_id in state.running:
                return self._write(workspace_id, "DELETE running :one", one={run_id})
            if run_id not in state.waiting:
                return None
            place = f"waiting[{state.waiting.index(run_id)}]"
            return self._write(workspace_id, f"REMOVE {place}", f"{place} = :run", run=run_id)

        self._change(workspace_id, change)
        self.free(run_id)

    def admit(self, workspace_id: str) -> AbstractSet[str]:
        """Moves waiting runs to free places; returns all running runs of the workspace.

        Raises Transient.
        """
        move = "REMOVE waiting[0] ADD running :one"
        taken: set[str] = set()

        def change(state: QueueState) -> Write | None:
            for left in filter(lambda run_id: not state.has(run_id), taken):
                self.free(left)
            if not state.waiting or len(state.running) >= self._limits.per_workspace:
                return None
            first = state.waiting[0]
            if not self._take(first):
                return None
            taken.add(first)
            return self._write(workspace_id, move, "waiting[0] = :run", run=first, one={first})

        return self._change(workspace_id, change).running

    def placed(self) -> AbstractSet[str]:
        """Returns the runs of all workspaces that have a place."""
        row = self._table.get(self._places, PLACES) or {}
        return frozenset(row.get("runs", ()))

    def free(self, run_id: str) -> None:
        """Frees the place of a run that has left its workspace's queue. Raises Transient."""
        self._table.update(self._places, PLACES, "DELETE runs :one", values={":one": {run_id}})

    def _take(self, run_id: str) -> bool:
        """Gives the run a place unless it has one; returns False if all are taken."""
        room = "attribute_not_exists(runs) OR contains(runs, :run) OR size(runs) < :most"
        values = {":one": {run_id}, ":run": run_id, ":most": self._limits.in_all}
        try:
            self._table.update(self._places, PLACES, "ADD runs :one", condition=room, values=values)
        except ConditionFailed:
            return False
        return True

    def _append(
        self, workspace_id: str, run_id: str, condition: str | None = None, **values: str
    ) -> Write:
        update = "SET waiting = list_append(if_not_exists(waiting, :none), :last)"
        return self._write(workspace_id, update, condition, none=[], last=[run_id], **values)

    def _write(
        self, workspace_id: str, update: str, condition: str | None = None, **values: object
    ) -> Write:
        """Returns an update of the workspace's row; adds the colon to the values' names."""
        named = {f":{name}": value for name, value in values.items()}
        pk = self._pk(workspace_id)
        return self._table.update_write(pk, QUEUE, update, condition, values=named)

    def _change(
        self, workspace_id: str, change: Callable[[QueueState], Write | None]
    ) -> QueueState:
        """Applies `change` until it returns None; returns the queue as it is then.

        Waits with full jitter after each write that failed. Raises Transient after `ATTEMPTS`.
        """
        pauses = islice(jittered(0.02, longest=1.0), ATTEMPTS)
        state = self.state(workspace_id)
        while (write := change(state)) is not None:
            try:
                state = QueueState.model_validate(self._table.apply(write))
            except (ConditionFailed, Transient) as error:
                pause = next(pauses, None)
                if pause is None:
                    raise Transient("the queue is being changed by too many others") from error
                time.sleep(pause)
                state = self.state(workspace_id)
        return state

    def _pk(self, workspace_id: str) -> str:
        return f"queue#{self._kind}#{workspace_id}"

    @property
    def _places(self) -> str:
        return f"places#{self._kind}"
