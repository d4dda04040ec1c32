"""Jobs as callers see them: no provider text, no keys, no provider id."""

import base64
import binascii
import json
from typing import Any

from showreel.core.errors import InvalidInput, NotFound
from showreel.core.wire import Wire
from showreel.generation import service
from showreel.generation.models import Job


class JobView(Wire):
    """One job. `credits` is its price, `errorCode` a stable code; `cancelRequested` tells of a text
    that it was asked to stop.
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
    """A page of the workspace's jobs. Raises InvalidInput `bad_cursor`."""
    jobs, following = service.list_jobs(workspace_id, limit, _start(workspace_id, cursor))
    return JobPage(items=[view(job) for job in jobs], next_cursor=_cursor(following))


def workspace_of(job_id: str) -> str:
    """The job's workspace. Raises NotFound."""
    job = service.get_job(job_id)
    if job is None:
        raise NotFound("Job not found")
    return job.workspace_id


def cancel(job_id: str, function_arn: str) -> JobView:
    """Cancels the job and shows it. Raises NotFound."""
    job = service.cancel_job(job_id, function_arn)
    if job is None:
        raise NotFound("Job not found")
    return view(job)


def view(job: Job) -> JobView:
    """What callers see of a job."""
    return JobView(
        id=job.job_id,
        kind=job.kind,
        status=job.status,
        model=job.model,
        requested_model=job.requested_model,
        run_id=job.run_id,
        credits=job.credits,
        error_code=job.error_code,
        cancel_requested=job.cancel_requested,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )


def _cursor(start: dict[str, Any] | None) -> str | None:
    if start is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(start, sort_keys=True).encode()).decode()


def _start(workspace_id: str, cursor: str | None) -> dict[str, Any] | None:
    """Where the page starts; a cursor of another workspace is none of ours."""
    if cursor is None:
        return None
    try:
        start: dict[str, Any] = json.loads(base64.urlsafe_b64decode(cursor))
        ours = str(start["list_key"]).startswith(f"{workspace_id}#")
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("The cursor is not one of ours", code="bad_cursor") from error
    if not ours:
        raise InvalidInput("The cursor is not one of ours", code="bad_cursor")
    return start
