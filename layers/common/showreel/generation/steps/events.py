"""The events of the state machine's tasks. State carries ids, never payloads."""

from pydantic import BaseModel, ConfigDict, Field

ID = r"^[\w.-]+$"
"""Of any id of ours. An example event's `${job_id}` that nobody filled in fails here, by name."""


class JobTask(BaseModel):
    """A step of one job."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    job_id: str = Field(min_length=1, pattern=ID)


class TokenTask(JobTask):
    """A step that ends when its token is answered: by the step itself or by a webhook."""

    task_token: str = Field(min_length=1)
