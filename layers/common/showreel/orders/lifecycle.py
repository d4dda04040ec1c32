"""The life of an order of a catalogue model, for every product.

    key → job id → digest → media → job and hold → waiting → the product's answer → look-ups

The work is a generation job with a state machine of its own, so a request that stops waiting, or
dies, loses nothing. A product makes the `Order` and answers with the job in its own form.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from showreel.catalog.values import InputMediaUrl
from showreel.core.dynamo import Write
from showreel.core.errors import IdempotencyMismatch, NotFound
from showreel.core.ids import new_id
from showreel.edge.idempotency import answer_once
from showreel.edge.limits import take_order
from showreel.edge.prefer import LOCK_SECONDS, Call
from showreel.generation.engine import jobs
from showreel.generation.models import Job, JobRequest
from showreel.generation.service import (
    begin_job,
    claim_job_id,
    get_job,
    resume_job,
    wait_for_end,
)
from showreel.identity import Caller, Membership, require_access
from showreel.orders.media import Copies, drop_unused, imported
from showreel.orders.workspace import require_credits


@dataclass(frozen=True)
class Order:
    """An order whose caller may place it and whose model can do it.

    `digest` distinguishes it from others with the same key; `request` makes its job's request from
    the job's id, the copies of `media` and our base URL.
    """

    kind: str
    """The kind of its job. Idempotency keys are scoped to kind and workspace."""
    payer: Membership
    digest: str
    least_credits: int
    """The lowest price, checked before media are copied. Only the hold decides."""
    request: Callable[[str, Copies, str], JobRequest]
    media: tuple[InputMediaUrl, ...] = ()
    """The files to copy to our bucket before the hold."""
    writes: Callable[[str], Sequence[Write]] = lambda _job_id: ()
    """Returns the product's own rows, to be written with the job of this id."""


AnswerJob = Callable[[Job, Call], Response[Any]]


def answered(
    app: APIGatewayRestResolver, order: Order, call: Call, answer: AnswerJob
) -> Response[Any]:
    """Returns `answer` about the order's job once it has ended, or the call may wait no longer.

    Raises what `answer_once`, `begin` and `answer` raise.
    """

    def make() -> Response[Any]:
        job = begin(order, call)
        return answer(wait_for_end(job.job_id, call.seconds_left), call)

    return answer_once(app, order.payer.workspace_id, make, lock_seconds=LOCK_SECONDS)


def begin(order: Order, call: Call) -> Job:
    """Starts the order's job, or returns the one that the same key has made before.

    Raises IdempotencyMismatch, RateLimited, InsufficientCredits, what copying media raises,
    SpendCapReached.
    """
    workspace_id = order.payer.workspace_id
    job_id, met = meet(order.digest, call.key, order.kind, workspace_id)
    if met is not None:
        return resume_job(met, call.function_arn)
    take_order(order.payer.user_id)
    require_credits(workspace_id, order.least_credits)
    with imported(workspace_id, order.media, call.base_url, job_id) as copies:
        request = order.request(job_id, copies, call.base_url)
        job = begin_job(request, call.function_arn, order.writes(job_id))
        _check_same(order.digest, job)
    drop_unused(copies, job)
    return job


def meet(digest: str, key: str | None, *scope: str) -> tuple[str, Job | None]:
    """Returns the job id of `key` within its scope, and the job if it was made before.

    Raises IdempotencyMismatch if it was made for another request.
    """
    if key is None:
        return new_id(), None
    job_id = claim_job_id(*scope, key)
    job = get_job(job_id)
    if job is not None:
        _check_same(digest, job)
    return job_id, job


def look(caller: Caller, job_id: str, kinds: Container[str], thing: str = "Job") -> Job:
    """Returns the job as it is now. Raises the same NotFound for foreign and missing jobs and
    those of other kinds.
    """
    job, missing = jobs().find(job_id), f"{thing} not found"
    is_one = job is not None and job.kind in kinds
    require_access(caller, job.workspace_id if job and is_one else None, missing)
    if job is None:
        raise NotFound(missing)
    return job


def _check_same(digest: str, job: Job) -> None:
    if job.request_digest != digest:
        raise IdempotencyMismatch("This Idempotency-Key was used with another body")
