"""gmi-execute: GMI Cloud's models, submitted and then asked for. A question is answered from our
row and never reaches the vendor.
"""

from dataclasses import dataclass
from typing import Any

from showreel.core.clock import now
from showreel.core.errors import InvalidInput, NotFound
from showreel.core.ids import new_id
from showreel.generation.engine import jobs
from showreel.generation.models import Job
from showreel.generation.verdicts import credits_used, progress
from showreel.identity import Caller, require_member
from showreel.routed.answers import disclosed, fault, files, storage_url, vendors_form
from showreel.routed.orders import GMI, Order, begin, place
from showreel.routed.wire import GmiRequest

PROVIDER = "gmi-cloud"


@dataclass(frozen=True)
class Place:
    """Where a request came in."""

    path: str
    base_url: str
    function_arn: str
    key: str | None


def ordered(caller: Caller, request: GmiRequest) -> Order:
    """Raises what `place` raises."""
    return place(GMI, caller, request)


def submit(order: Order, place_of: Place) -> dict[str, Any]:
    """The answer to an order: its job, which is there by now. Raises as `begin`."""
    key = place_of.key or new_id()
    job = begin(order, key, place_of.base_url, place_of.function_arn)
    status_url = f"{place_of.base_url}{place_of.path}?requestId={job.job_id}"
    return state(job) | {"provider": PROVIDER, "statusUrl": status_url}


def look(caller: Caller, request_id: str | None) -> dict[str, Any]:
    """The job as it is now. Foreign, missing and other kinds of jobs are the same NotFound."""
    if request_id is None:
        details = {"details": [{"field": "requestId", "message": "is required"}]}
        raise InvalidInput("requestId: is required to poll", details=details)
    job = jobs().find(request_id)
    try:
        if job is None or job.kind != GMI:
            raise NotFound("Request not found")
        require_member(caller, job.workspace_id)
    except NotFound as error:
        raise NotFound("Request not found") from error
    return state(job)


def state(job: Job) -> dict[str, Any]:
    """A job in the words of the vendor's queue, with what we add."""
    status = _status(job)
    shown = {
        "success": status != "failed",
        "data": {"request_id": job.job_id, "status": status, "model": job.model},
        "requestId": job.job_id,
        "status": status,
        "progress": progress(job, now()),
        "job_id": job.job_id,
        "model": job.model,
        "credits": credits_used(job),
        **disclosed(job),
    }
    if status == "success":
        shown["data"]["outcome"] = _outcome(job)
        return shown | {"storage_url": storage_url(job), "files": files(job)}
    return shown | (fault(job) if status == "failed" else {})


def _status(job: Job) -> str:
    """A finished job is told when its money is settled, so that `credits` is the truth."""
    if job.settled_at:
        return "success" if job.status == "completed" else "failed"
    is_at_work = job.is_running or job.is_finished or job.status == "storing"
    return "processing" if is_at_work else "queued"


def _outcome(job: Job) -> dict[str, Any]:
    """What the vendor told, and the files under the names that clients look for."""
    found = files(job)
    outcome = dict(vendors_form(job) or {})
    outcome["media_urls"] = [{"id": str(n), "url": file["url"]} for n, file in enumerate(found)]
    if found:
        kind = str(found[0]["content_type"]).partition("/")[0]
        outcome[f"{kind}_url"] = found[0]["url"]
    return outcome
