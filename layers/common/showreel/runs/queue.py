"""The queue of one kind of run: first in, first out; so many at once per workspace and in all.

    pk = queue#<kind>#<workspace id>   sk = queue      who waits and who runs in the workspace
    pk = slots#<kind>                  sk = slot#007   a place in all, and the run that has it

A workspace's row is changed by compare-and-set on its version, so only triggers of the same
workspace meet in it. A place in all is a row of its own, taken and freed in one transaction with
the workspace's row. Places are freed by whoever ends a run, and by the sweep when its run died.
"""

from collections.abc import Callable, Sequence
from functools import partial

from pydantic import BaseModel

from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, Transient
from showreel.runs.kinds import RunLimits

QUEUE = "queue"
ATTEMPTS = 30


class QueueState(BaseModel):
    """A workspace's runs of one kind: ids of those that wait, in order; those that run and the
    number of the place that each has.
    """

    version: int = 0
    waiting: list[str] = []
    running: dict[str, int] = {}

    def position(self, run_id: str) -> int | None:
        """The place of a waiting run, 1 for the next; None if it isn't waiting."""
        return self.waiting.index(run_id) + 1 if run_id in self.waiting else None

    def has(self, run_id: str) -> bool:
        """Returns whether the run waits or runs."""
        return run_id in self.waiting or run_id in self.running


class Place(BaseModel):
    """A place in all, and the run that has it."""

    run_id: str
    workspace_id: str


Changed = tuple[QueueState, Sequence[Write]] | None
"""The queue afterwards and what is written with it; None if there is nothing to do."""


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
        """Puts a new run at the end, as part of the transaction that makes it."""
        state = self.state(workspace_id)
        return self._write(workspace_id, state, _with(state, waiting=[*state.waiting, run_id]))

    def enter(self, workspace_id: str, run_id: str) -> None:
        """Puts a run at the end unless it is in the queue already. Raises Transient."""

        def change(state: QueueState) -> Changed:
            if state.has(run_id):
                return None
            return _with(state, waiting=[*state.waiting, run_id]), ()

        self._change(workspace_id, change)

    def leave(self, workspace_id: str, run_id: str) -> None:
        """Takes a run out, whether it waited or ran. Raises Transient."""

        def change(state: QueueState) -> Changed:
            if not state.has(run_id):
                return None
            waiting = [waiting for waiting in state.waiting if waiting != run_id]
            running = {other: n for other, n in state.running.items() if other != run_id}
            place = state.running.get(run_id)
            free = [] if place is None else [self._table.delete_write(self._slots, _slot(place))]
            return _with(state, waiting=waiting, running=running), free

        self._change(workspace_id, change)

    def admit(self, workspace_id: str) -> list[str]:
        """Gives free places to those who wait, and returns every run that has one.

        Raises Transient.
        """
        before = None
        admit = partial(self._admit_first, workspace_id)
        while (state := self._change(workspace_id, admit)) != before:
            before = state
        return list(state.running)

    def places(self) -> list[Place]:
        """Returns the places in all that are taken."""
        rows = self._table.query_all("pk = :slots", values={":slots": self._slots})
        return [Place.model_validate(row) for row in rows]

    def _admit_first(self, workspace_id: str, state: QueueState) -> Changed:
        if not state.waiting or len(state.running) >= self._limits.per_workspace:
            return None
        place = self._free_place()
        if place is None:
            return None
        first, *waiting = state.waiting
        row = {"pk": self._slots, "sk": _slot(place), "run_id": first, "workspace_id": workspace_id}
        take = self._table.put_write(row, "attribute_not_exists(pk)")
        return _with(state, waiting=waiting, running={**state.running, first: place}), [take]

    def _free_place(self) -> int | None:
        rows = self._table.query_all("pk = :slots", values={":slots": self._slots})
        taken = {row["sk"] for row in rows}
        if len(taken) >= self._limits.in_all:
            return None
        return next(n for n in range(self._limits.in_all) if _slot(n) not in taken)

    def _change(self, workspace_id: str, change: Callable[[QueueState], Changed]) -> QueueState:
        for _ in range(ATTEMPTS):
            state = self.state(workspace_id)
            changed = change(state)
            if changed is None:
                return state
            after, writes = changed
            try:
                transact([self._write(workspace_id, state, after), *writes])
            except ConditionFailed:
                continue
            return after
        raise Transient("the queue is being changed by too many others")

    def _write(self, workspace_id: str, before: QueueState, after: QueueState) -> Write:
        row = {"pk": self._pk(workspace_id), "sk": QUEUE, **after.model_dump()}
        condition = "attribute_not_exists(pk) OR version = :version"
        return self._table.put_write(row, condition, values={":version": before.version})

    def _pk(self, workspace_id: str) -> str:
        return f"queue#{self._kind}#{workspace_id}"

    @property
    def _slots(self) -> str:
        return f"slots#{self._kind}"


def _with(state: QueueState, **changes: object) -> QueueState:
    return state.model_copy(update={**changes, "version": state.version + 1})


def _slot(place: int) -> str:
    return f"slot#{place:03d}"
