"""The events and answers of the state machine's tasks. State carries ids, never payloads."""

from pydantic import BaseModel, Field

from showreel.runs.tasks import RunTask


class ClipTask(RunTask):
    """The event of a step for one clip."""

    index: int = Field(ge=0)


class ClipNumbers(BaseModel):
    """The clips over which the Map runs."""

    run_id: str
    clips: list[dict[str, int]]
    at_once: int
    is_ahead: bool
