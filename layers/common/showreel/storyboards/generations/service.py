"""Use cases of `POST /api/shots/{shot_id}/generations`: one medium of one shot."""

from showreel.core.errors import Conflict, InvalidInput
from showreel.edge.prefer import Call
from showreel.generation.models import JobRequest
from showreel.generation.service import new_job
from showreel.identity import Caller
from showreel.orders import lifecycle
from showreel.orders.lifecycle import Order
from showreel.orders.media import Copies
from showreel.orders.workspace import paying
from showreel.storyboards.access import require_shot, shot_media
from showreel.storyboards.generations.choice import choose
from showreel.storyboards.generations.readiness import why_not
from showreel.storyboards.generations.requests import KINDS, Making, job_request
from showreel.storyboards.generations.schemas import NewGeneration, ShotGeneration
from showreel.storyboards.models import UNMADE

MISSING = {
    "missing_prompt": "The shot says nothing of what is to be seen: give it a visual_prompt",
    "missing_image": "The shot has no picture to begin with",
    "missing_text": "The shot has no dialogue to say",
}


def place(caller: Caller, shot_id: str, request: NewGeneration) -> Order:
    """Returns the order. Raises NotFound, then InvalidInput as `choose`, `why_not` and the form."""
    found = require_shot(caller, shot_id)
    medium = request.kind
    choice = choose(found.project, medium, request.model, "model")
    reason = why_not(found.shot, medium, is_again=True)
    if reason in MISSING:
        raise InvalidInput(MISSING[reason], code=reason, field="kind")
    making, payer = Making(found, medium, choice), paying(caller, found.project.workspace_id)

    def job(job_id: str, _copies: Copies, base_url: str) -> JobRequest:
        own = {"user_id": payer.user_id, "request_digest": request.digest}
        return job_request(making, job_id, base_url, **own)

    least = new_job(job("quote", Copies(), "")).credits
    return Order(
        f"{KINDS[medium]}#{shot_id}",
        payer,
        request.digest,
        least,
        job,
        writes=lambda job_id: [
            shot_media().lock_write(found.shot, medium, job_id, origins=(*UNMADE, "completed"))
        ],
    )


def begin(order: Order, call: Call) -> ShotGeneration:
    """Starts the job, or finds the one of the same key. Raises Conflict `generation_in_progress` if
    another job is making the medium, and as `lifecycle.begin`.
    """
    try:
        return ShotGeneration.of(lifecycle.begin(order, call))
    except Conflict as error:
        if error.code != "run_over":
            raise
        message = "This is being made already"
        raise Conflict(message, code="generation_in_progress") from error
