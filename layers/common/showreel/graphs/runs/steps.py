"""The steps of ComputeGraph: their events, and the end of a run. State carries ids, no payloads."""

from pydantic import Field

from showreel.graphs.runs.kind import graphs
from showreel.runs.tasks import EndTask, RunTask


class AdvanceTask(RunTask):
    """The event of a step whose state ends when `token` is answered, by it or a settled job."""

    token: str = Field(min_length=1)


def end_run(task: EndTask, function_arn: str) -> None:
    """Ends the run, by its nodes' results or the error. Late results are stored too, with
    their events.
    """
    on = graphs(function_arn)
    if task.error is None:
        on.end(task.run_id, on.why(on.runs.get(task.run_id)))
    else:
        on.release(task.run_id, task.error_name)
