"""Reconciles generation jobs that are quiet for too long, or whose execution died."""

from showreel.core.backoff import OUTAGE_SECONDS, REVIVAL_PAUSES
from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item
from showreel.core.errors import ConditionFailed
from showreel.core.observability import count, logger, measure
from showreel.generation.engine import Engine, engine
from showreel.generation.models import DUE_SHARDS, Job, Lane, execution_job_id
from showreel.generation.settle import complete, release, stop_at_vendor
from showreel.generation.steps.submit import stop_lost
from showreel.generation.turns import begin, drive, mend_lane
from showreel.runs.executions import answer_token
from showreel.runs.sweep import Round, guarded


def reconcile_due(sweep: Round, function_arn: str) -> None:
    """Reconciles the jobs that are due, as long as the sweep has time. A job that fails to be
    reconciled stays due and is counted in `OverdueJobs`, for an alarm.
    """
    rows = sweep.rows("jobs", [str(n) for n in range(DUE_SHARDS)], engine().jobs.due_page)

    def look(row: Item) -> None:
        reconcile(str(row["job_id"]), function_arn)

    measure("OverdueJobs", guarded(rows, look, lambda row: str(row["pk"])), "Count")


def reconcile(job_id: str, function_arn: str) -> None:
    """Reconciles one job: settles it if it has ended, wakes a waiting execution, replaces a dead
    one. Safe to run twice at once.
    """
    on = engine(function_arn)
    job = on.jobs.find(job_id)
    if job is None:
        return
    if job.settled_at:
        if job.may_have_lost_task:
            stop_lost(on, job)
    elif job.is_finished:
        if job.status == "canceled":
            stop_at_vendor(on, job)
        complete(on, job)
    elif not job.has_execution:
        release(on, job_id, "timed_out")
    elif job.lane and job.status == "queued" and not begin(on, job):
        _wait_on(on, job, job.lane)
    elif on.executions.is_running(job.execution_name):
        _wake(on, job)
    else:
        _revive(on, job)


def execution_died(execution_name: str, function_arn: str) -> None:
    """Reconciles a job whose execution is known to be dead."""
    job = engine().jobs.find(execution_job_id(execution_name))
    if job is not None and job.execution_name == execution_name:
        reconcile(job.job_id, function_arn)


def _wait_on(on: Engine, job: Job, lane: Lane) -> None:
    """Keeps a job without a place waiting; ends it if it is overdue or its lane is closed."""
    if job.is_overdue(now_seconds()) or on.jobs.lanes.state(lane.name).is_closed:
        release(on, job.job_id, "timed_out")
        return
    on.jobs.look_later(job)
    mend_lane(on, lane)


def _wake(on: Engine, job: Job) -> None:
    """Makes a running execution poll by answering its wait. Stops it `OUTAGE_SECONDS` after the
    job's last moment: so long state machines retry while our own infrastructure is down.
    """
    if now_seconds() > job.last_moment_seconds + OUTAGE_SECONDS:
        on.executions.stop(job.execution_name)
        release(on, job.job_id, "timed_out")
        return
    on.jobs.look_later(job)
    if job.await_token:
        answer_token(job.await_token, {})


def _revive(on: Engine, job: Job) -> None:
    """Starts another execution, after growing pauses; ends the job after the last of them."""
    if job.counts.revivals >= len(REVIVAL_PAUSES):
        release(on, job.job_id, "timed_out")
        return
    if now_seconds() < job.revive_at_seconds:
        return
    try:
        revived = on.jobs.begin_revival(job)
    except ConditionFailed:
        return
    logger().warning("an execution died", job_id=job.job_id, revival=revived.counts.revivals)
    count("JobRevived", provider=job.provider)
    drive(on, revived)
