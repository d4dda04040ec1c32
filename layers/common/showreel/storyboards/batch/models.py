"""Models of a batch: which shots are made by which model, and the result of each."""

from typing import Literal

from showreel.catalog import get_model
from showreel.core.models import FrozenModel
from showreel.storyboards.generations.choice import ModelChoice
from showreel.storyboards.models import Medium

BatchPhase = Literal["images", "videos"]
ShotStatus = Literal["generating", "completed", "failed", "skipped", "canceled"]

MEDIA: dict[BatchPhase, Medium] = {"images": "image", "videos": "video"}
MAX_SHOTS_OF_A_RUN = 1000
"""Each shot takes 8 of an execution's 25,000 events, and more if it is retried."""


class BatchPlan(FrozenModel):
    """The frozen plan of a run."""

    run_id: str
    project_id: str
    phase: BatchPhase
    model: str
    requested_model: str
    fallback_reason: str | None = None
    concurrency: int
    """How many shots may be at the vendor at once."""
    estimated_credits: int
    shot_ids: tuple[str, ...]

    @property
    def medium(self) -> Medium:
        """The medium that is made of each shot."""
        return MEDIA[self.phase]

    @property
    def choice(self) -> ModelChoice:
        """The model, as it was chosen when the run began."""
        return ModelChoice(get_model(self.model), self.requested_model, self.fallback_reason)


class ShotResult(FrozenModel):
    """The result of one shot of a run; a shot that wasn't begun has none."""

    index: int
    shot_id: str
    status: ShotStatus
    job_id: str | None = None
    reason: str | None = None
    """Why it was skipped or failed, as a code."""
    key: str | None = None
    """The object that was made."""
    credits: int = 0
