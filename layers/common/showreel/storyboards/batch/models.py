"""A batch: which shots are made by which model, and what became of each."""

from typing import Literal

from showreel.catalog import get_model
from showreel.core.models import FrozenModel
from showreel.storyboards.generations.choice import ModelChoice
from showreel.storyboards.models import Medium

BatchPhase = Literal["images", "videos"]
ShotStatus = Literal["generating", "completed", "failed", "skipped", "canceled"]

MEDIA: dict[BatchPhase, Medium] = {"images": "image", "videos": "video"}
MAX_SHOTS_OF_A_RUN = 1000
"""8 events of an execution's 25,000 for each, and tries again."""


class BatchPlan(FrozenModel):
    """What a run is to make; never changed."""

    run_id: str
    project_id: str
    phase: BatchPhase
    model: str
    requested_model: str
    fallback_reason: str | None = None
    concurrency: int
    """How many shots are at the vendor at once."""
    estimated_credits: int
    shot_ids: tuple[str, ...]

    @property
    def medium(self) -> Medium:
        """What is made of each shot."""
        return MEDIA[self.phase]

    @property
    def choice(self) -> ModelChoice:
        """The model, as it was chosen when the run began."""
        return ModelChoice(get_model(self.model), self.requested_model, self.fallback_reason)


class ShotResult(FrozenModel):
    """What became of one shot of a run. One that wasn't begun has none."""

    index: int
    shot_id: str
    status: ShotStatus
    job_id: str | None = None
    reason: str | None = None
    """Why it was skipped or failed, as a code."""
    key: str | None = None
    """What was made."""
    credits: int = 0
