"""Writes the shots of a run; each step is one transaction:

    the run's state + the events for readers + the shot's row + its credits

So every event that was sent is in the database, a step happens once, and a process that dies leaves
nothing half done. A process takes the turn before it writes; one that was thought dead and comes
back finds the turn taken. Every other shot by the model costs a credit when its text is there,
which is half a credit each. Templates are free.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from showreel.core.dynamo import Write
from showreel.core.errors import AppError, ConditionFailed, NotFound
from showreel.core.ids import new_id
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run
from showreel.runs.store import NewEvent
from showreel.storyboards.access import storyboards
from showreel.storyboards.gen_shots.ideas import Idea
from showreel.storyboards.gen_shots.kind import shot_changes
from showreel.storyboards.gen_shots.slots import Slot, slots_of
from showreel.storyboards.models import Phase, SceneRow, TextSource
from showreel.storyboards.rows import PRESENT, SHOT, shot_pk

LOOK_SECONDS = 1.0
"""The least time between looks at the run while nothing is written."""


class Stopped(Exception):
    """The run is over or being canceled, or another process has the turn."""


class Sheet:
    """The shots of a run while they are written. `run` is its row as last read."""

    def __init__(self, on: Lifecycle, run: Run, scene: SceneRow) -> None:
        self.run = run
        self._on, self._scene = on, scene
        self._turn = ""
        self._looked_at = time.monotonic()

    @property
    def slots(self) -> list[Slot]:
        """The shots, in their order."""
        return slots_of(self.run)

    def take_turn(self, *, asks: bool) -> None:
        """Takes the turn to write. If it `asks` the model, that counts as an attempt, noted before
        anything is sent, and the first shot becomes `creating`. Raises Stopped.
        """
        first = next((slot for slot in self.slots if slot.needs_text), None)
        events = (
            [self._event(first, "creating", None)] if asks and first and not first.phase else []
        )
        self._turn = new_id()

        def taken(run: Run) -> dict[str, Any] | None:
            if run.cancel_requested or run.state["turn"] == self._turn:
                return None
            shots = _moved(run, first, phase="creating") if events else run.state["shots"]
            attempts = run.state["attempts"] + asks
            return {"state": {"turn": self._turn, "attempts": attempts, "shots": shots}}

        self._change(taken, events, [])

    def write(
        self,
        place: int,
        phases: Sequence[Phase],
        idea: Idea | None = None,
        source: TextSource = "model",
    ) -> None:
        """Brings a shot to these phases, one after another, except those that it has reached.
        `idea` is None only for `creating`. A shot that was deleted is left out. Raises Stopped.
        """
        slot = self.slots[place]
        new = [phase for phase in slot.phases_after() if phase in phases]
        if slot.is_gone or not new:
            return

        def reached(run: Run) -> dict[str, Any] | None:
            is_own = run.state["turn"] == self._turn and slots_of(run)[place] == slot
            if run.cancel_requested or not is_own:
                return None
            moved = _moved(run, slot, phase=new[-1], source=source)
            return {"state": run.state | {"shots": moved}}

        events = [self._event(slot, phase, idea, source) for phase in new]
        try:
            self._change(reached, events, self._writes(slot, new, idea, source))
        except ConditionFailed as error:
            self._explain(slot, error)

    def look(self) -> None:
        """Reads the run again after a second. Raises Stopped if nothing more is to be written."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        try:
            self.run = self._on.runs.get(self.run.id)
        except AppError:  # the row can't be read now: go on
            return
        self._require_turn()

    def _change(
        self,
        change: Callable[[Run], dict[str, Any] | None],
        events: Sequence[NewEvent],
        writes: Sequence[Write],
    ) -> None:
        event, more = (events[0], events[1:]) if events else (None, ())
        self.run = self._on.runs.change(
            self.run.id, change, event=event, more_events=more, with_writes=writes
        )
        self._looked_at = time.monotonic()
        self._require_turn()

    def _require_turn(self) -> None:
        is_own = self.run.state["turn"] == self._turn
        if self.run.is_over or self.run.cancel_requested or not is_own:
            raise Stopped

    def _writes(
        self, slot: Slot, phases: Sequence[Phase], idea: Idea | None, source: TextSource
    ) -> list[Write]:
        """Returns the writes of the shot and its credits, which fail once the hold is closed."""
        run, ledger = self.run, self._on.ledger
        hold_id = run.hold_id or run.id
        written = sum(one.is_written and one.source == "model" for one in self.slots)
        costs = "drafting" in phases and source == "model" and written % 2 == 0
        money = (
            ledger.capture_writes(run.workspace_id, hold_id, 1, job_id=slot.id, run_id=run.id)
            if costs
            else [ledger.open_check(run.workspace_id, hold_id)]
        )
        if idea is None:
            return money
        changes = shot_changes([*phases], idea) | {"source": source}
        table = storyboards().table
        return [*money, table.set_write(shot_pk(slot.id), SHOT, changes, condition=PRESENT)]

    def _explain(self, slot: Slot, error: ConditionFailed) -> None:
        """Finds which condition failed: raises Stopped if the run ends, notes a deleted shot."""
        self.run = self._on.runs.get(self.run.id)
        self._require_turn()
        hold = self._on.ledger.find_hold(self.run.workspace_id, self.run.hold_id or "")
        if hold is None or hold.status != "open":
            raise Stopped from error
        try:
            storyboards().shot_row(slot.id)
        except NotFound:
            self._change(lambda run: _gone(run, slot), [], [])
            return
        raise error

    def _event(
        self, slot: Slot, phase: Phase, idea: Idea | None, source: TextSource = "model"
    ) -> NewEvent:
        """Returns the documented event, with our own fields."""
        known = idea if phase != "creating" else None
        is_full = phase in {"enriching", "ready"}
        prompt = known and (known.visual_prompt if is_full else known.draft_prompt)
        return "shot", {
            "id": slot.id,
            "project_id": self._scene.project_id,
            "scene_id": self._scene.id,
            "shot_number": slot.number,
            "status": phase,
            "title": known and known.title,
            "description": known and known.description,
            "visual_prompt": prompt,
            "thumbnail": None,
            "shot_type": known and known.shot_type,
            "camera_movement": known and known.camera if is_full else None,
            "duration_ms": known.duration_ms if known and phase == "ready" else None,
            "source": source,
        }


def _moved(run: Run, slot: Slot | None, **changes: Any) -> list[dict[str, Any]]:
    """Returns the state's shots with one of them changed."""
    return [
        shot | changes if slot is not None and shot["id"] == slot.id else shot
        for shot in run.state["shots"]
    ]


def _gone(run: Run, slot: Slot) -> dict[str, Any]:
    return {"state": run.state | {"shots": _moved(run, slot, is_gone=True)}}
