"""A batch as callers of `/api/runs` and of its stream see it."""

from pydantic import Field

from showreel.core.models import FrozenModel
from showreel.runs.models import Run, RunView
from showreel.storyboards.batch.models import BatchPhase


class ShotCounts(FrozenModel):
    """What the run's row remembers of its shots: numbers, never lists."""

    completed: int = 0
    failed: int = 0
    skipped: int = 0
    canceled: int = 0
    credits: int = 0
    """The credits paid for completed shots."""
    stopped: str | None = None
    """Why no more shots are begun, as a code."""

    @property
    def over(self) -> int:
        """How many shots are over."""
        return self.completed + self.failed + self.skipped + self.canceled


class BatchRunView(RunView):
    """A run object with its project and its counts."""

    project_id: str
    phase: BatchPhase
    total: int = Field(description="how many shots it was begun for")
    completed: int
    failed: int
    skipped: int


def counts_of(run: Run) -> ShotCounts:
    """Returns the counts of the run's shots."""
    return ShotCounts.model_validate(run.state)


def batch_view(run: Run) -> BatchRunView:
    """Returns the run as callers see it."""
    shown = run.model_dump(include=set(RunView.model_fields))
    counts = counts_of(run).model_dump(include={"completed", "failed", "skipped"})
    own = {"project_id": run.subject_id, "phase": run.options["phase"]}
    return BatchRunView.model_validate(shown | counts | own | {"total": run.options["total"]})
