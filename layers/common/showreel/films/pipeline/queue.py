"""The queue of films: first in, first out, so many at once per workspace and in all.

One row holds who waits and who runs; every change is a compare-and-set on its version. A slot is
freed by whoever ends a run, and by the every-minute check when its run died.
"""

from collections import Counter
from collections.abc import Callable

from pydantic import BaseModel

from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, Transient

KEY = ("queue", "queue")
ATTEMPTS = 30


class Place(BaseModel):
    """A run in the queue."""

    run_id: str
    workspace_id: str


class QueueState(BaseModel):
    """Who waits, in order, and who runs."""

    version: int = 0
    waiting: list[Place] = []
    running: list[Place] = []

    def position(self, run_id: str) -> int | None:
        """The place of a waiting run, 1 for the next; None if it isn't waiting."""
        ids = [place.run_id for place in self.waiting]
        return ids.index(run_id) + 1 if run_id in ids else None


class Limits(BaseModel):
    """How many runs at once."""

    per_workspace: int
    in_all: int


class Queue:
    """The one queue row in the runs table."""

    def __init__(self, table: Table, limits: Limits) -> None:
        self._table = table
        self._limits = limits

    def state(self) -> QueueState:
        """The queue as it is."""
        return QueueState.model_validate(self._table.get(*KEY) or {})

    def enqueue_write(self, state: QueueState, place: Place) -> Write:
        """Puts a run at the end, as part of the trigger's transaction."""
        return self._write(state, [*state.waiting, place], state.running)

    def enter(self, place: Place) -> None:
        """Puts a run at the end unless it has a place already."""

        def change(state: QueueState) -> QueueState:
            if place in state.waiting or place in state.running:
                return state
            return state.model_copy(update={"waiting": [*state.waiting, place]})

        self._change(change)

    def leave(self, run_id: str) -> None:
        """Takes a run out, whether it waited or ran."""
        self._change(lambda state: _without(state, run_id))

    def admit(self) -> list[str]:
        """Gives free slots to those who wait, and returns every run that has a slot."""
        return [place.run_id for place in self._change(self._admitted).running]

    def _admitted(self, state: QueueState) -> QueueState:
        running, waiting = list(state.running), []
        in_workspace = Counter(place.workspace_id for place in running)
        for place in state.waiting:
            free = in_workspace[place.workspace_id] < self._limits.per_workspace
            if free and len(running) < self._limits.in_all:
                running.append(place)
                in_workspace[place.workspace_id] += 1
            else:
                waiting.append(place)
        return state.model_copy(update={"waiting": waiting, "running": running})

    def _change(self, change: Callable[[QueueState], QueueState]) -> QueueState:
        for _ in range(ATTEMPTS):
            state = self.state()
            changed = change(state)
            if changed == state:
                return state
            write = self._write(state, changed.waiting, changed.running)
            try:
                transact([write])
            except ConditionFailed:
                continue
            return changed
        raise Transient("the queue is being changed by too many others")

    def _write(self, state: QueueState, waiting: list[Place], running: list[Place]) -> Write:
        changed = QueueState(version=state.version + 1, waiting=waiting, running=running)
        row = {"pk": KEY[0], "sk": KEY[1], **changed.model_dump()}
        condition = "attribute_not_exists(pk) OR version = :version"
        return self._table.put_write(row, condition, values={":version": state.version})


def _without(state: QueueState, run_id: str) -> QueueState:
    waiting = [place for place in state.waiting if place.run_id != run_id]
    running = [place for place in state.running if place.run_id != run_id]
    return state.model_copy(update={"waiting": waiting, "running": running})
