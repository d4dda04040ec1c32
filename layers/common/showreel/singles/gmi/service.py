"""gmi-execute: GMI Cloud's models, submitted and then asked for. A question is answered from our
row and never reaches the vendor.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from showreel.core.clock import now
from showreel.core.errors import InvalidInput, NotFound
from showreel.core.ids import new_id
from showreel.generation.engine import jobs
from showreel.generation.models import Job
from showreel.generation.verdicts import credits_used, progress
from showreel.identity import Caller, Membership, require_member
from showreel.orders.responses import disclosed, fault, files, storage_url, vendors_form
from showreel.orders.schemas import GmiRequest
from showreel.orders.service import GMI, Order, begin, chosen, place
from showreel.orders.workspace import paying
from showreel.singles.text import service as text
from showreel.singles.text.order import TextOrder, order_of
from showreel.singles.text.responses import completion

PROVIDER = "gmi-cloud"


@dataclass(frozen=True)
class Place:
    """Where a request came in."""

    path: str
    base_url: str
    function_arn: str
    key: str | None


class Plan(Protocol):
    """An order whose caller may place it and whose model can do it."""

    @property
    def workspace_id(self) -> str:
        """Who pays."""
        ...

    def submit(self, here: Place) -> dict[str, Any]:
        """The answer to it."""
        ...


@dataclass(frozen=True)
class Queued:
    """For the vendor's queue."""

    order: Order

    @property
    def workspace_id(self) -> str:
        """Who pays."""
        return self.order.workspace_id

    def submit(self, here: Place) -> dict[str, Any]:
        """The job, which is there by now. Raises as `begin`."""
        job = begin(self.order, here.key or new_id(), here.base_url, here.function_arn)
        status_url = f"{here.base_url}{here.path}?requestId={job.job_id}"
        return state(job) | {"statusUrl": status_url}


@dataclass(frozen=True)
class Spoken:
    """For a language model, which answers at once."""

    order: TextOrder
    payer: Membership
    project_id: str | None

    @property
    def workspace_id(self) -> str:
        """Who pays."""
        return self.payer.workspace_id

    def submit(self, here: Place) -> dict[str, Any]:
        """The whole text. Raises as `text.complete`."""
        call = text.TextCall(self.payer, GMI, here.key, self.project_id)
        return state(text.complete(self.order, call).job)


def planned(caller: Caller, request: GmiRequest) -> Plan:
    """Raises what `place` and `order_of` raise."""
    model = chosen(GMI, request)
    if model.media_type != "text":
        return Queued(place(GMI, caller, request))
    order = order_of(model, request.inputs, strict=request.strict)
    payer = paying(caller, request.workspace_id)
    return Spoken(order, payer, request.project_id)


def look(caller: Caller, request_id: str | None) -> dict[str, Any]:
    """The job as it is now. Foreign, missing and other kinds of jobs are the same NotFound."""
    if request_id is None:
        details = {"details": [{"field": "requestId", "message": "is required"}]}
        raise InvalidInput("requestId: is required to poll", details=details)
    job = jobs().find(request_id)
    try:
        if job is None or job.kind not in {GMI, text.KIND}:
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
        "provider": PROVIDER,
        "status": status,
        "progress": progress(job, now()),
        "job_id": job.job_id,
        "model": job.model,
        "credits": credits_used(job),
        **disclosed(job),
    }
    if status == "success" and job.media_type == "text":
        return shown | {"data": completion(job)}
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
