"""A run as it is stored, and as callers see it."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from showreel.core.wire import Wire

RunStatus = Literal["queued", "running", "completed", "failed", "canceled", "timed_out"]
TERMINAL: frozenset[RunStatus] = frozenset({"completed", "failed", "canceled", "timed_out"})


class Progress(Wire):
    """The documented shape of a run's progress; `progress` is a percentage that never falls."""

    step: str = "queued"
    label: str = "Waiting for a free slot"
    clip_index: int | None = None
    total_clips: int | None = None
    progress: int = 0


class RunCredits(Wire):
    """What the run set aside, what was spent of it, and what came back (credits)."""

    held: int = 0
    posted: int = 0
    released: int = 0


class RunError(Wire):
    """Why a run ended without its result."""

    code: str
    message: str


class Run(BaseModel):
    """One row. `version` grows with every write; it is the number of its latest event."""

    id: str
    kind: str
    workspace_id: str
    subject_id: str
    """Id of what the run is about, such as a video project."""
    status: RunStatus = "queued"
    version: int = 1
    progress: Progress = Field(default_factory=Progress)
    credits: RunCredits = Field(default_factory=RunCredits)
    hold_id: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    """The request, in the kind's own form; never changed."""
    state: dict[str, Any] = Field(default_factory=dict)
    """The state of the work, in the kind's own form."""
    public_base_url: str
    limit_seconds: int
    deadline_at: int | None = None
    """Seconds since 1970; set when the run starts, so time in the queue isn't counted."""
    restarts: int = 0
    """How many executions died before their first step and were replaced."""
    restart_at: int = 0
    """The earliest time to replace a dead execution again, in seconds since 1970."""
    cancel_requested: bool = False
    """Set before the execution is stopped, so that whatever ends the run ends it as canceled."""
    output: dict[str, Any] | None = None
    error: RunError | None = None
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    updated_at: str | None = None
    """The time of the last change, None before the first."""

    @property
    def is_over(self) -> bool:
        """Whether the run reached a terminal state."""
        return self.status in TERMINAL

    @property
    def execution_name(self) -> str:
        """The name of the present execution. A name can't be used again for 90 days."""
        return f"{self.id}.{self.restarts}" if self.restarts else self.id


def execution_run_id(execution_name: str) -> str:
    """Returns the run id in an execution's name."""
    return execution_name.partition(".")[0]


class RunView(Wire):
    """The run object of `GET /api/runs/{runId}` and of every `status` event.

    A kind adds fields of its own.
    """

    id: str
    status: RunStatus
    queue_position: int | None = None
    """The position among the waiting runs of its kind and workspace, 1 for the next."""
    progress: Progress
    credits: RunCredits
    output: dict[str, Any] | None = None
    error: RunError | None = None
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None


@dataclass(frozen=True)
class BegunRun:
    """A run whose events are streamed to the caller. `is_new` is false for a repeated request."""

    run: Run
    is_new: bool


@dataclass(frozen=True)
class Ending:
    """How a run ends. `result` is what its last step made, in the kind's own form."""

    status: RunStatus
    label: str
    error: RunError | None = None
    result: Any = None


CANCELED = Ending("canceled", "Canceled")
TIMED_OUT = Ending("timed_out", "Timed out", RunError(code="timed_out", message="Timed out"))


def failed(code: str, message: str) -> Ending:
    """Returns the ending of a failed run."""
    return Ending("failed", message, RunError(code=code, message=message))
