"""Request and response bodies for making one medium of one shot."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from showreel.core.ids import digest_of
from showreel.core.wire import OrderBody, Wire
from showreel.edge.fields import UserId
from showreel.generation.models import Job, Status
from showreel.storyboards.generations.results import medium_of
from showreel.storyboards.models import Medium

ModelName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NewGeneration(OrderBody):
    """Body of `POST /api/shots/{shot_id}/generations`."""

    kind: Medium
    model: ModelName | None = Field(default=None, description="else the catalogue's default")
    user_id: UserId = None

    @property
    def digest(self) -> str:
        """The hash of what is ordered; the same key with another digest is refused."""
        return digest_of([self.kind, self.model])


class ShotGeneration(Wire):
    """The job. Its result is written to the shot: `image_status`, `image_url` and so on."""

    model_config = Wire.model_config | {"alias_generator": None}

    job_id: str
    shot_id: str
    kind: Medium
    status: Status
    model: str
    requested_model: str
    fallback_used: bool
    fallback_reason: str | None
    credits: int

    @classmethod
    def of(cls, job: Job) -> Self:
        """Returns the response body of a shot's job."""
        shown = job.model_dump(include=set(cls.model_fields) - {"kind", "status"})
        shot_id = job.subject.id if job.subject else ""
        return cls(**shown, shot_id=shot_id, kind=medium_of(job), status=job.shown_status)
