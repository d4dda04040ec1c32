"""The steps of ComputeGraph: their events, and how a run ends. State carries ids, no payloads."""

from pydantic import Field

from showreel.graphs.runs.kind import graphs
from showreel.runs.tasks import EndTask, RunTask


class AdvanceTask(RunTask):
    """Ends when `token` is answered: by the step itself, or by who settles a job of the run."""

    token: str = Field(min_length=1)


def end_run(task: EndTask, function_arn: str) -> None:
    """Ends the run by what became of its nodes. What jobs deliver meanwhile is kept and told."""
    on = graphs(function_arn)
    if task.error is None:
        on.end(task.run_id, on.why(on.runs.get(task.run_id)))
    else:
        on.release(task.run_id, task.error_name)
