"""What the endpoints of sounds do: order, make and wait, look.

A sound is a generation job with a state machine of its own, so a request that stops waiting, or
dies, loses nothing. Its vendor makes it once: see `generation.make`.
"""

import json
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.assets import keys
from showreel.catalog import Model, get_model, price
from showreel.catalog.forms import Checked, check_inputs
from showreel.core.clock import now_seconds
from showreel.core.errors import IdempotencyMismatch, NotFound
from showreel.core.ids import new_id
from showreel.edge.prefer import Call
from showreel.generation.engine import jobs
from showreel.generation.models import Job, JobRequest
from showreel.generation.service import begin_job, claim_job_id, get_job, wait_for_end
from showreel.identity import Caller, require_member
from showreel.orders.workspace import paying, require_credits
from showreel.singles.audio.responses import answer, status_of
from showreel.singles.audio.schemas import SoundOrder

SPEECH, EFFECT, MUSIC = "elevenlabs-tts", "elevenlabs-sfx", "elevenlabs-music"
"""Public ids of the models, names of the endpoints and kinds of the jobs."""
KINDS = frozenset({SPEECH, EFFECT, MUSIC})
WAIT_SECONDS = 25
"""How long a call waits. API Gateway gives an answer that isn't streamed 29 s."""
DEADLINE_SECONDS = 900
"""Until when the vendor must have taken the order; busy ones are asked again till then."""
BUCKET = "audio"
CONTENT_TYPE = "audio/mpeg"


@dataclass(frozen=True)
class Placed:
    """An order whose caller may place it and whose model can do it."""

    model: Model
    workspace_id: str
    user_id: str
    project_id: str | None
    wanted: Checked

    @property
    def credits(self) -> int:
        """The price."""
        wanted = self.wanted
        return price(self.model, wanted.duration_seconds, characters=len(wanted.prompt)).credits


def place(kind: str, caller: Caller, order: SoundOrder) -> Placed:
    """Raises NotFound for a workspace that isn't the caller's, then InvalidInput."""
    member = paying(caller, order.workspace_id)
    model = get_model(kind)
    wanted = check_inputs(model, order.inputs)
    return Placed(model, member.workspace_id, member.user_id, order.project_id, wanted)


def make(placed: Placed, call: Call) -> Response[Any]:
    """Starts the job, or meets the one that the same key has made, and waits for it.

    Raises InsufficientCredits, SpendCapReached and the error of a job that failed meanwhile.
    """
    job = _meet(placed, call)
    return answer(wait_for_end(job.job_id, call.seconds_left), call)


def look(caller: Caller, job_id: str) -> dict[str, Any]:
    """The job as it is now. Foreign, missing and other kinds of jobs are the same NotFound."""
    job = jobs().find(job_id)
    try:
        if job is None or job.kind not in KINDS:
            raise NotFound("Job not found")
        require_member(caller, job.workspace_id)
    except NotFound as error:
        raise NotFound("Job not found") from error
    return status_of(job)


def _meet(placed: Placed, call: Call) -> Job:
    if call.key is None:
        return _begin(placed, call, new_id())
    job_id = claim_job_id(placed.model.id, placed.workspace_id, call.key)
    job = get_job(job_id)
    return _begin(placed, call, job_id) if job is None else _resume(placed, call, job)


def _begin(placed: Placed, call: Call, job_id: str) -> Job:
    require_credits(placed.workspace_id, placed.credits)
    return begin_job(_request(placed, call, job_id), call.function_arn)


def _resume(placed: Placed, call: Call, job: Job) -> Job:
    """Its execution may not have been started. Raises IdempotencyMismatch for another order."""
    request = _request(placed, call, job.job_id)
    if (request.prompt, json.dumps(request.inputs)) != (job.prompt, job.inputs):
        raise IdempotencyMismatch("This Idempotency-Key was used with another body")
    return begin_job(request, call.function_arn)


def _request(placed: Placed, call: Call, job_id: str) -> JobRequest:
    wanted = placed.wanted
    return JobRequest(
        job_id=job_id,
        workspace_id=placed.workspace_id,
        user_id=placed.user_id,
        project_id=placed.project_id,
        kind=placed.model.id,
        model=placed.model.id,
        media_type="audio",
        prompt=wanted.prompt,
        inputs=wanted.inputs,
        characters=len(wanted.prompt),
        duration_seconds=wanted.duration_seconds,
        output_key=keys.new_key(BUCKET, CONTENT_TYPE),
        deadline_at_seconds=now_seconds() + DEADLINE_SECONDS,
        public_base_url=call.base_url,
    )
