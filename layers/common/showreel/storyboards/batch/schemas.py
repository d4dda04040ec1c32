"""Request and response bodies of `project-auto-generate`, in documented snake_case."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from showreel.core.ids import digest_of
from showreel.core.wire import OrderBody, Wire
from showreel.edge.fields import UserId
from showreel.runs.models import RunStatus
from showreel.storyboards.batch.models import MEDIA, BatchPhase
from showreel.storyboards.generations.readiness import SkipReason
from showreel.storyboards.generations.schemas import ModelName

RESPONSES: Any = {
    200: {"description": "Nothing to do, a dry run, or a run that is on its way already"},
    202: {"description": "A run was begun: follow `status_url`"},
}


class AutoGenerate(OrderBody):
    """Body of `POST /functions/v1/project-auto-generate`."""

    project_id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    phase: BatchPhase
    image_model: ModelName | None = Field(default=None, description="for `images`")
    video_model: ModelName | None = Field(default=None, description="for `videos`")
    dry_run: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="true returns what would be made and writes nothing"
    )
    user_id: UserId = None

    @property
    def model_field(self) -> str:
        """The field that names the phase's model."""
        return f"{MEDIA[self.phase]}_model"

    @property
    def model(self) -> str | None:
        """The model that is asked for, None for the default."""
        name: str | None = getattr(self, self.model_field)
        return name

    @property
    def digest(self) -> str:
        """The hash of what is requested; the same key with another digest is refused."""
        return digest_of([self.project_id, self.phase, self.model, self.dry_run])


class _Snake(Wire):
    model_config = Wire.model_config | {"alias_generator": None}


class SkippedShot(_Snake):
    """A shot that isn't made, and why."""

    shot_id: str
    reason: SkipReason


class Queued(_Snake):
    """What was begun. Without anything to do there is no run."""

    success: bool = True
    run_id: str | None
    project_id: str
    phase: BatchPhase
    queued: int
    skipped: list[SkippedShot]
    skipped_total: int = Field(description="also those beyond the 1000 that are listed")
    estimated_credits: int
    concurrency: int
    model: str
    fallback_reason: str | None = Field(description="why it isn't the model that was asked for")
    dry_run: bool
    status_url: str | None
    message: str


class BatchShot(_Snake):
    """A shot of the run: `pending` while it isn't begun."""

    shot_id: str
    status: str
    reason: str | None = None
    job_id: str | None = None
    url: str | None = None
    credits: int = 0


class BatchStatus(_Snake):
    """A run and a page of its shots, in the order of the film."""

    success: bool = True
    run_id: str
    project_id: str
    phase: BatchPhase
    status: RunStatus
    model: str
    progress: int
    total: int
    completed: int
    failed: int
    skipped: int
    canceled: int
    estimated_credits: int
    credits_used: int
    concurrency: int = Field(description="fewer while the vendor throttles")
    code: str | None
    error: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    shots: list[BatchShot]
    next_cursor: str | None
