"""gmi-execute: submits jobs to GMI Cloud's models. Polls are answered from our row, without asking
the vendor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from showreel.core.clock import now
from showreel.core.errors import InvalidInput
from showreel.edge.prefer import Call
from showreel.generation.models import Job
from showreel.generation.text.order import TextOrder
from showreel.generation.verdicts import credits_used, progress
from showreel.identity import Caller, Membership
from showreel.orders import lifecycle, text
from showreel.orders.conversation import order_of
from showreel.orders.lifecycle import Order
from showreel.orders.responses import disclosed, fault, files, storage_url, vendors_form
from showreel.orders.service import GMI, chosen, place
from showreel.orders.workspace import paying
from showreel.singles.gmi.schemas import GmiRequest
from showreel.singles.text.responses import completion

PROVIDER = "gmi-cloud"


@dataclass(frozen=True)
class PlannedRequest:
    """The workspace that pays for a request, and how the request is carried out."""

    workspace_id: str
    submit: Callable[[Call], dict[str, Any]]


def planned(caller: Caller, request: GmiRequest) -> PlannedRequest:
    """Plans the request: queued models are answered with a job, language models with text.

    Raises what `place` and `order_of` raise.
    """
    model = chosen(GMI, request)
    if model.media_type != "text":
        order = place(GMI, caller, request)
        return PlannedRequest(order.payer.workspace_id, partial(_queue, order))
    said = order_of(model, request.inputs, strict=request.strict)
    payer = paying(caller, request.workspace_id)
    return PlannedRequest(payer.workspace_id, partial(_ask, said, payer, request.project_id))


def _queue(order: Order, call: Call) -> dict[str, Any]:
    """Starts the job or finds it, and returns its state. Raises as `lifecycle.begin`."""
    job = lifecycle.begin(order, call)
    status_url = f"{call.base_url}{call.path}?requestId={job.job_id}"
    return state(job) | {"statusUrl": status_url}


def _ask(order: TextOrder, payer: Membership, project_id: str | None, call: Call) -> dict[str, Any]:
    """Returns the state of a job of a text, once all of it is there. Raises as `text.complete`."""
    asked = text.TextCall(payer, GMI, call.key, project_id)
    return state(text.complete(order, asked).job)


def look(caller: Caller, request_id: str | None) -> dict[str, Any]:
    """Returns the job's state. Raises InvalidInput; NotFound, also for jobs of other kinds."""
    if request_id is None:
        details = {"details": [{"field": "requestId", "message": "is required"}]}
        raise InvalidInput("requestId: is required to poll", details=details)
    return state(lifecycle.look(caller, request_id, {GMI, text.KIND}, "Request"))


def state(job: Job) -> dict[str, Any]:
    """Returns a job in the form of the vendor's queue, with our own fields."""
    status = _status(job)
    shown = {
        "success": status != "failed",
        "data": {"request_id": job.job_id, "status": status, "model": job.model},
        "requestId": job.job_id,
        "provider": PROVIDER,
        "status": status,
        "progress": progress(job, now()),
        "job_id": job.job_id,
        "model": job.model,
        "credits": credits_used(job),
        **disclosed(job),
    }
    if status == "success" and job.wanted.media_type == "text":
        return shown | {"data": completion(job)}
    if status == "success":
        shown["data"]["outcome"] = _outcome(job)
        return shown | {"storage_url": storage_url(job), "files": files(job)}
    return shown | (fault(job) if status == "failed" else {})


def _status(job: Job) -> str:
    """Returns the status. A job is shown as finished once settled: then `credits` is final."""
    if job.settled_at:
        return "success" if job.status == "completed" else "failed"
    is_at_work = job.progress.is_running or job.is_finished or job.shown_status == "storing"
    return "processing" if is_at_work else "queued"


def _outcome(job: Job) -> dict[str, Any]:
    """Returns the vendor's own result, with the files under the names that clients look for."""
    found = files(job)
    outcome = dict(vendors_form(job) or {})
    outcome["media_urls"] = [{"id": str(n), **file} for n, file in enumerate(found)]
    if found:
        kind = str(found[0]["content_type"]).partition("/")[0]
        outcome[f"{kind}_url"] = found[0]["url"]
    return outcome
