"""The queue of one kind of run: first in, first out; so many at once per workspace and in all.

    pk = queue#<kind>#<workspace id>   sk = queue   who waits and who runs in the workspace
    pk = places#<kind>                 sk = places  the runs that have one of the places in all

Who comes is put at the end without a condition, so triggers don't hinder one another. Who is first
takes a place in all, then moves from waiting to running; both writes hold whoever makes them and
however often. A process that dies between them leaves a place that the same run takes again.
Whoever ends a run frees its place, and the sweep those of runs that are over.
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
"""How many runs of a workspace may wait: a row has an end."""
FULL_RETRY_SECONDS = 60


class QueueState(BaseModel):
    """A workspace's runs of one kind: ids of those that wait, in order, and of those that run."""

    waiting: list[str] = []
    running: frozenset[str] = frozenset()

    def position(self, run_id: str) -> int | None:
        """The place of a waiting run, 1 for the next; None if it isn't waiting."""
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
        """Returns the workspace's queue as it is."""
        row = self._table.get(self._pk(workspace_id), QUEUE)
        return QueueState.model_validate(row or {})

    def enqueue_write(self, workspace_id: str, run_id: str) -> Write:
        """Puts a new run at the end, as part of the transaction that makes it.

        Raises RateLimited when too many wait.
        """
        if len(self.state(workspace_id).waiting) >= MAX_WAITING:
            message = f"{MAX_WAITING} runs of this workspace wait already"
            raise RateLimited(message, retry_after_seconds=FULL_RETRY_SECONDS)
        return self._append(workspace_id, run_id)

    def enter(self, workspace_id: str, run_id: str) -> None:
        """Puts a run at the end unless it is in the queue already. Raises Transient."""
        absent = "NOT contains(waiting, :run) AND NOT contains(running, :run)"

        def change(state: QueueState) -> Write | None:
            if state.has(run_id):
                return None
            return self._append(workspace_id, run_id, absent, run=run_id)

        self._change(workspace_id, change)

    def leave(self, workspace_id: str, run_id: str) -> None:
        """Takes a run out, whether it waited or ran, and frees its place. Raises Transient."""

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
        """Gives free places to those who wait, and returns every run that has one.

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
        """Returns the runs that have a place in all."""
        row = self._table.get(self._places, PLACES) or {}
        return frozenset(row.get("runs", ()))

    def free(self, run_id: str) -> None:
        """Frees the place of a run that has left its workspace's queue. Raises Transient."""
        self._table.update(self._places, PLACES, "DELETE runs :one", values={":one": {run_id}})

    def _take(self, run_id: str) -> bool:
        """Gives the run a place unless it has one. False if all are taken."""
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
        """Returns a change of the workspace's row; values are named in it with a colon."""
        named = {f":{name}": value for name, value in values.items()}
        pk = self._pk(workspace_id)
        return self._table.update_write(pk, QUEUE, update, condition, values=named)

    def _change(
        self, workspace_id: str, change: Callable[[QueueState], Write | None]
    ) -> QueueState:
        """Writes until there is nothing to do; returns the queue as it is then.

        Waits with full jitter after a write that lost against others. Raises Transient.
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
