"""The events of the state machine's tasks. State carries ids, never payloads."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from showreel.core.clock import now_seconds
from showreel.core.ids import ID_PATTERN

ID = ID_PATTERN
OUT_SECONDS = 30
"""A first try begins sooner than this, even with a cold start."""


class JobTask(BaseModel):
    """A step of one job."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    job_id: str = Field(min_length=1, pattern=ID)


class TokenTask(JobTask):
    """A step that ends when its task token is answered, by the step itself or by a webhook."""

    task_token: str = Field(min_length=1)
    entered_at: AwareDatetime | None = None
    """When the execution entered the state; the same for all tries."""

    @property
    def lost_seconds(self) -> int:
        """How long our own infrastructure was down: the only reason for which a state retries."""
        entered = self.entered_at
        waited = 0 if entered is None else now_seconds() - int(entered.timestamp())
        return waited if waited >= OUT_SECONDS else 0
