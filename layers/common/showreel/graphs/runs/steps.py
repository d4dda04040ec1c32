"""The steps of ComputeGraph: their events, and how a run ends. State carries ids, no payloads."""

from typing import Any

from pydantic import Field

from showreel.core.models import FrozenModel
from showreel.generation.steps.events import ID
from showreel.graphs.runs.kind import graphs


class GraphTask(FrozenModel):
    """A step of a run."""

    run_id: str = Field(min_length=1, pattern=ID)


class AdvanceTask(GraphTask):
    """Ends when `token` is answered: by the step itself, or by who settles a job of the run."""

    token: str = Field(min_length=1)


class EndTask(GraphTask):
    """The end of a run. `error` is what the state machine caught, if it can't go on."""

    error: dict[str, Any] | None = None


def end_run(task: EndTask, function_arn: str) -> None:
    """Ends the run by what became of its nodes. What jobs deliver meanwhile is kept and told."""
    on = graphs(function_arn)
    if task.error is None:
        on.end(task.run_id, on.why(on.runs.get(task.run_id)))
    else:
        on.release(task.run_id, str(task.error.get("Error", "unknown")))
