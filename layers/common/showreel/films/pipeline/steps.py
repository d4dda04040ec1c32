"""The events and answers of the state machine's tasks. State carries ids, never payloads."""

from typing import Literal

from pydantic import BaseModel, Field

from showreel.assembly.models import FilmFiles
from showreel.core.wire import Wire
from showreel.runs.tasks import RunTask


class PieceTask(RunTask):
    """The event of a step for one clip, or for the transition after it."""

    index: int = Field(ge=0)
    kind: Literal["clip", "transition"] = "clip"


class PieceTokenTask(PieceTask):
    """The event of a step whose state ends when `token` is answered: by the step or by its job."""

    token: str = Field(min_length=1)


class JobResult(Wire):
    """The result that a generation job answers its parent with."""

    job_id: str | None = None
    status: Literal["completed", "failed", "canceled"] = "failed"
    output_key: str | None = None
    credits_debited: int = 0
    cost_cents: int = 0
    model: str | None = None
    error_code: str | None = None
    reused: bool = False


class FinishClipTask(PieceTokenTask):
    """The event of FinishClip, after the clip's generation has ended."""

    job: JobResult | None = None


class FinishTransitionTask(PieceTask):
    """The event of FinishTransition; `job` is None for crossfades, which no model makes."""

    job: JobResult | None = None


class SkipTask(PieceTask):
    """The event that gives up a piece; a clip's state waits for `token`."""

    token: str | None = None


class Clips(BaseModel):
    """The clips over which the Map runs."""

    run_id: str
    limit_seconds: int
    clips: list[dict[str, int]]


class FinalizeTask(RunTask):
    """The event of FinalizeVideo: the compiled film."""

    film: FilmFiles
