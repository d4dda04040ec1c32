"""What the endpoints of single videos do: order, make and wait, look.

The work is a generation job with a state machine of its own, so a request that stops waiting, or
dies, loses nothing.
"""

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.assets.service import delete_assets
from showreel.core.clock import now_seconds
from showreel.core.errors import (
    IdempotencyMismatch,
    InsufficientCredits,
    NotFound,
)
from showreel.core.ids import new_id
from showreel.core.settings import SingleVideos, settings
from showreel.credits.service import ledger
from showreel.edge.prefer import Call
from showreel.generation.engine import jobs
from showreel.generation.models import Job, JobRequest
from showreel.generation.service import begin_job, claim_job_id, get_job, wait_for_end
from showreel.identity import Caller, require_member
from showreel.singles.video.pictures import Frames, imported
from showreel.singles.video.responses import answer, status_of
from showreel.singles.video.routing import Choice, choose
from showreel.singles.video.schemas import VideoOrder

INTERIOR, SOCIAL = "interior", "social"
"""The catalogue's products, and the kinds of their jobs."""
BUCKET = "generation-videos"


@dataclass(frozen=True)
class Placed:
    """An order whose caller may place it and whose model can do it."""

    product: str
    user_id: str
    order: VideoOrder
    choice: Choice

    @property
    def workspace_id(self) -> str:
        """Who pays."""
        return self.order.workspace_id


def place(product: str, caller: Caller, order: VideoOrder) -> Placed:
    """Raises NotFound for a workspace that isn't the caller's, then what `choose` raises."""
    member = require_member(caller, order.workspace_id)
    return Placed(product, member.user_id, order, choose(product, order))


def make(placed: Placed, call: Call) -> Response[Any]:
    """Starts the job, or meets the one that the same key has made, and waits for it.

    Raises InsufficientCredits, SpendCapReached, what importing a picture raises, and the error of a
    job that failed meanwhile.
    """
    job = _meet(placed, call)
    return answer(wait_for_end(job.job_id, call.seconds_left), call)


def look(caller: Caller, job_id: str) -> dict[str, Any]:
    """The job as it is now. Foreign, missing and other kinds of jobs are the same NotFound."""
    job = jobs().find(job_id)
    try:
        if job is None or job.kind not in {INTERIOR, SOCIAL}:
            raise NotFound("Job not found")
        require_member(caller, job.workspace_id)
    except NotFound as error:
        raise NotFound("Job not found") from error
    return status_of(job)


def _meet(placed: Placed, call: Call) -> Job:
    if call.key is None:
        return _begin(placed, call, new_id())
    job_id = claim_job_id(placed.product, placed.workspace_id, call.key)
    job = get_job(job_id)
    return _begin(placed, call, job_id) if job is None else _resume(placed, call, job)


def _begin(placed: Placed, call: Call, job_id: str) -> Job:
    """The job and its hold are one transaction; the early look at the account only spares work."""
    available = ledger().account(placed.workspace_id).available
    if available < placed.choice.credits:
        raise InsufficientCredits(required=placed.choice.credits, available=available)
    with imported(placed.order, call.base_url) as frames:
        job = begin_job(_request(placed, call, job_id, frames), call.function_arn)
    _drop_unused(frames, job)
    return job


def _resume(placed: Placed, call: Call, job: Job) -> Job:
    """Its execution may not have been started. Raises IdempotencyMismatch for another order."""
    asked, choice = placed.order, placed.choice
    same = (asked.prompt, choice.requested_model, choice.aspect_ratio, choice.video_type)
    if same != (job.prompt, job.requested_model, job.aspect_ratio, job.video_type):
        raise IdempotencyMismatch("This Idempotency-Key was used with another body")
    frames = Frames(job.image_key, job.end_image_key)
    return begin_job(_request(placed, call, job.job_id, frames), call.function_arn)


def _drop_unused(frames: Frames, job: Job) -> None:
    """Another request with the same key was faster, with copies of its own."""
    used = {job.image_key, job.end_image_key}
    delete_assets(key for key in (frames.first, frames.last) if key and key not in used)


def _request(placed: Placed, call: Call, job_id: str, frames: Frames) -> JobRequest:
    rules, choice = settings(SingleVideos), placed.choice
    return JobRequest(
        job_id=job_id,
        workspace_id=placed.workspace_id,
        user_id=placed.user_id,
        kind=placed.product,
        model=choice.model.id,
        requested_model=choice.requested_model,
        fallback_reason=choice.fallback_reason,
        video_type=choice.video_type,
        prompt=placed.order.prompt,
        image_key=frames.first,
        end_image_key=frames.last,
        raw_pictures=True,
        duration_seconds=choice.duration_seconds,
        aspect_ratio=choice.aspect_ratio,
        capture_on="acceptance" if rules.failed_generation_policy == "charge" else "delivery",
        output_key=f"{BUCKET}/{job_id}.mp4",
        deadline_at_seconds=now_seconds() + rules.generation_timeout_seconds,
        late_seconds=rules.late_result_seconds,
        base_is_least=True,
        retry_accepted=False,
        public_base_url=call.base_url,
    )
