"""The events and answers of the state machine's tasks. State carries ids, never payloads."""

from typing import Literal

from pydantic import BaseModel, Field

from showreel.assembly.models import FilmFiles
from showreel.core.wire import Wire
from showreel.runs.tasks import RunTask


class PieceTask(RunTask):
    """A step of one Map iteration: about its clip, or the transition after it."""

    index: int = Field(ge=0)
    kind: Literal["clip", "transition"] = "clip"


class PieceTokenTask(PieceTask):
    """Ends when `token` is answered: by the step itself, or by the generation that it starts."""

    token: str = Field(min_length=1)


class JobResult(Wire):
    """What the generation job answered its parent."""

    job_id: str | None = None
    status: Literal["completed", "failed", "canceled"] = "failed"
    output_key: str | None = None
    credits_debited: int = 0
    cost_cents: int = 0
    model: str | None = None
    error_code: str | None = None
    reused: bool = False


class FinishClipTask(PieceTokenTask):
    """The clip's generation has ended."""

    job: JobResult | None = None


class FinishTransitionTask(PieceTask):
    """The transition's generation has ended, or there was none to wait for (crossfades)."""

    job: JobResult | None = None


class SkipTask(PieceTask):
    """A piece is given up; the state of a clip ends when `token` is answered."""

    token: str | None = None


class Clips(BaseModel):
    """What the Map runs over."""

    run_id: str
    limit_seconds: int
    clips: list[dict[str, int]]


class FinalizeTask(RunTask):
    """The compiled film, to be published."""

    film: FilmFiles
