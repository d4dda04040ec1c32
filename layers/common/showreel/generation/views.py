"""Jobs as callers see them: no provider text, no keys, no provider id."""

from showreel.core.errors import NotFound
from showreel.core.wire import Wire
from showreel.generation import service
from showreel.generation.engine import jobs as rows
from showreel.generation.models import Job
from showreel.identity import Caller, require_access

MISSING = "Job not found"


class JobView(Wire):
    """One job. `credits` is its price, `errorCode` a stable code; `cancelRequested` is true for a
    text that was asked to stop.
    """

    id: str
    kind: str
    status: str
    model: str
    requested_model: str
    run_id: str | None
    credits: int
    error_code: str | None
    cancel_requested: bool
    created_at: str
    finished_at: str | None


class JobPage(Wire):
    """A page of jobs, newest first."""

    items: list[JobView]
    next_cursor: str | None


def list_jobs(workspace_id: str, limit: int, cursor: str | None) -> JobPage:
    """Returns a page of the workspace's jobs. Raises InvalidInput `invalid_cursor`."""
    jobs, following = rows().page(workspace_id, limit, cursor)
    return JobPage(items=[view(job) for job in jobs], next_cursor=following)


def cancel(caller: Caller, job_id: str, function_arn: str) -> JobView:
    """Cancels the job and returns it. Raises NotFound, the same for foreign and missing jobs."""
    found = service.get_job(job_id)
    require_access(caller, found.workspace_id if found else None, MISSING)
    job = service.cancel_job(job_id, function_arn)
    if job is None:
        raise NotFound(MISSING)
    return view(job)


def view(job: Job) -> JobView:
    """Returns a job as callers see it."""
    shown = job.model_dump(include=set(JobView.model_fields))
    return JobView(id=job.job_id, **shown | {"status": job.shown_status})
