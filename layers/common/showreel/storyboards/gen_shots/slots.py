"""The shots that a run writes, as its row has them."""

from collections.abc import Sequence
from typing import get_args

from showreel.core.models import FrozenModel
from showreel.runs.models import Run
from showreel.storyboards.models import Phase, TextSource

PHASES: Sequence[Phase] = get_args(Phase)
MAX_ATTEMPTS = 2
"""How often the language model is asked in all: a second time if an answer was unusable or broke
off.
"""


class Slot(FrozenModel):
    """A shot of the run. `phase` is the last one that was sent, None before the first."""

    id: str
    number: int
    phase: Phase | None = None
    source: TextSource = "model"
    is_gone: bool = False
    """True if somebody has deleted the shot meanwhile."""

    @property
    def is_written(self) -> bool:
        """Whether it has a text."""
        return self.phase not in {None, "creating"} and not self.is_gone

    @property
    def needs_text(self) -> bool:
        """Whether it still needs a text."""
        return not self.is_written and not self.is_gone

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is left to write."""
        return self.phase == "ready" or self.is_gone

    def phases_after(self) -> list[Phase]:
        """Returns the phases that it hasn't reached."""
        return [*PHASES[PHASES.index(self.phase) + 1 if self.phase else 0 :]]


def slots_of(run: Run) -> list[Slot]:
    """Returns the run's shots in their order."""
    return [Slot.model_validate(slot) for slot in run.state["shots"]]


def first_state(ids_and_numbers: dict[str, int]) -> dict[str, object]:
    """Returns the state of a new run, from its shots' ids and numbers."""
    shots = [Slot(id=id_, number=number) for id_, number in ids_and_numbers.items()]
    return {"attempts": 0, "turn": "", "shots": [slot.model_dump() for slot in shots]}


def may_ask(run: Run) -> bool:
    """Returns whether shots need a text and the model may still be asked."""
    return run.state["attempts"] < MAX_ATTEMPTS and any(slot.needs_text for slot in slots_of(run))
