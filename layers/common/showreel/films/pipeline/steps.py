"""The events and answers of the state machine's tasks. State carries ids, never payloads."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from showreel.core.wire import Wire
from showreel.films.pipeline.outcome import FilmFiles
from showreel.generation.steps.events import ID


class Task(BaseModel):
    """A task's event; what it doesn't name is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RunTask(Task):
    """A step of a whole run."""

    run_id: str = Field(min_length=1, pattern=ID)


class PieceTask(RunTask):
    """A step of one Map iteration; `owner` is the clip that the iteration began with."""

    owner: int = Field(ge=0)
    index: int = Field(ge=0)
    kind: Literal["clip", "transition"] = "clip"


class TokenTask(PieceTask):
    """Ends when `token` is answered: by the step itself, or by the generation that it starts."""

    token: str = Field(min_length=1)


class JobResult(Wire):
    """What the generation job answered its parent."""

    job_id: str | None = None
    status: Literal["completed", "failed", "canceled"] = "failed"
    output_key: str | None = None
    credits: int = 0
    cost_cents: int = 0
    model: str | None = None
    error_code: str | None = None
    reused: bool = False


class FinishTask(TokenTask):
    """A generation has ended, or there was none to wait for (crossfades)."""

    job: JobResult | None = None


class ReleaseTask(RunTask):
    """A run that can't go on. `error` is what the state machine caught."""

    error: dict[str, Any] | None = None

    @property
    def error_name(self) -> str:
        """The name of the error."""
        return str((self.error or {}).get("Error", "unknown"))


class Clips(BaseModel):
    """What the Map runs over."""

    run_id: str
    concurrency: int
    limit_seconds: int
    clips: list[dict[str, int]]


class NextPiece(BaseModel):
    """The transition that the iteration makes next; `route` none ends it.

    The other routes are error names, by which a step tells its state where the iteration goes.
    """

    route: Literal["seamless", "crossfade", "none"]
    index: int = 0


class FinalizeTask(RunTask):
    """The compiled film, to be published."""

    film: FilmFiles
