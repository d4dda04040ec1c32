"""The steps of ComputeGraph: their events, and how a run ends. State carries ids, no payloads."""

from typing import Any

from pydantic import Field

from showreel.core.models import FrozenModel
from showreel.generation.steps.events import ID
from showreel.graphs.runs.kind import GRAPHS, graphs


class GraphTask(FrozenModel):
    """A step of a whole run."""

    run_id: str = Field(min_length=1, pattern=ID)


class AdvanceTask(GraphTask):
    """Ends when `token` is answered: by the step itself, or by who settles a job of the run."""

    token: str = Field(min_length=1)


class ReleaseTask(GraphTask):
    """A run that can't go on. `error` is what the state machine caught."""

    error: dict[str, Any] | None = None

    @property
    def error_name(self) -> str:
        """The name of the error."""
        return str((self.error or {}).get("Error", "unknown"))


def finish(run_id: str, function_arn: str) -> None:
    """Ends the run by what became of its nodes."""
    on = graphs(function_arn)
    on.end(run_id, GRAPHS.failure(on.runs.get(run_id)))


def release(task: ReleaseTask, function_arn: str) -> None:
    """Ends a run whose execution can't go on."""
    graphs(function_arn).release(task.run_id, task.error_name)
