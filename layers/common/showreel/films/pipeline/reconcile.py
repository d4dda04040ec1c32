"""What the clock does, every minute: nothing depends on a process or an event having survived.

Each part is idempotent and safe to run twice at once.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

from showreel.core.aws import client
from showreel.core.clock import now_seconds, seconds_since
from showreel.core.errors import AppError
from showreel.core.observability import logger, measure
from showreel.films.pipeline import context, ending
from showreel.films.pipeline.dispatch import dispatch, execution_arn
from showreel.films.pipeline.queue import Place
from showreel.films.pipeline.release_run import why
from showreel.generation import service as jobs
from showreel.runs.models import Run

SETTLE_SECONDS = 30
"""How long a dead execution's own clean-up may still be under way."""
OVERDUE_SECONDS = 180
"""A run that is over its limit by more was not ended by two sweeps: somebody has to look."""


class Detail(BaseModel):
    """The part of the event that is used."""

    name: str
    stateMachineArn: str  # noqa: N815 - the event's own spelling
    status: str


class ExecutionEnded(BaseModel):
    """EventBridge's `Step Functions Execution Status Change`."""

    detail: Detail


def execution_ended(event: ExecutionEnded, function_arn: str) -> None:
    """Ends the run, or revives the job, whose execution died."""
    if event.detail.stateMachineArn.endswith(context.config().video_pipeline_state_machine):
        run = context.runs().find(event.detail.name)
        if run is not None and not run.is_over:
            ending.end_run(run.id, why(run), function_arn)
    else:
        jobs.execution_died(event.detail.name, function_arn)


def reconcile(function_arn: str) -> None:
    """Ends dead and overdue runs, looks after quiet jobs, frees slots, starts who waits."""
    active = list(context.runs().active())
    for run in active:
        _guarded(lambda run=run: _reconcile_run(run, function_arn), run.id)  # type: ignore[misc]
    for job_id in jobs.due_job_ids():
        _guarded(lambda job_id=job_id: jobs.reconcile(job_id, function_arn), job_id)  # type: ignore[misc]
    dispatch(function_arn)
    _measure(active)


def _measure(active: Sequence[Run]) -> None:
    """What alarms look at. `Sweep` says that all of the above was done; its absence is an alarm."""
    queue, now = context.queue().state(), now_seconds()
    waits = [seconds_since(run.created_at) for run in active if run.status == "queued"]
    late = [run for run in active if (run.deadline_at or now) + OVERDUE_SECONDS < now]
    measure("FilmsWaiting", len(queue.waiting), "Count")
    measure("FilmsRunning", len(queue.running), "Count")
    measure("OldestWaitSeconds", max(waits, default=0), "Seconds")
    measure("OverdueRuns", len(late), "Count")
    measure("OverdueJobs", len(jobs.due_job_ids()), "Count")
    measure("Sweep", 1, "Count")


def _guarded(work: Callable[[], Any], about: str) -> None:
    """One broken run doesn't keep the others from being looked at; money errors still raise."""
    try:
        work()
    except AppError as error:
        logger().exception("not reconciled", subject=about, code=error.code)
        if error.code.startswith(("ledger", "hold", "already")):
            raise


def _reconcile_run(run: Run, function_arn: str) -> None:
    state = context.queue().state()
    places = {place.run_id for place in (*state.waiting, *state.running)}
    if run.id not in places:
        context.queue().enter(Place(run_id=run.id, workspace_id=run.workspace_id))
    elif run.deadline_at is not None and now_seconds() > run.deadline_at:
        ending.stop_execution(run.id, function_arn)
        ending.end_run(run.id, ending.TIMED_OUT, function_arn)
    elif run.status == "running" and not _is_alive(run.id, function_arn):
        ending.end_run(run.id, why(run), function_arn)


def _is_alive(run_id: str, function_arn: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        answer = client("stepfunctions").describe_execution(
            executionArn=execution_arn(run_id, function_arn)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in ending.GONE_CODES:
            raise
        return False
    stopped = answer.get("stopDate")
    fresh = stopped is not None and now_seconds() - stopped.timestamp() < SETTLE_SECONDS
    return answer["status"] == "RUNNING" or fresh
