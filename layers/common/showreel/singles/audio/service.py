"""Orders of sounds. The vendor's answer is the file itself: see `generation.steps.make_file`."""

from typing import Any

from showreel.assets import keys
from showreel.catalog import get_model, price
from showreel.catalog.forms import check_inputs
from showreel.core.clock import now_seconds
from showreel.core.ids import digest_of
from showreel.generation.models import JobRequest, Terms, Wanted
from showreel.identity import Caller
from showreel.orders import lifecycle
from showreel.orders.lifecycle import Order
from showreel.orders.media import Copies
from showreel.orders.workspace import paying
from showreel.singles.audio.responses import status_of
from showreel.singles.audio.schemas import SoundOrder

SPEECH, EFFECT, MUSIC = "elevenlabs-tts", "elevenlabs-sfx", "elevenlabs-music"
"""The models' public ids, which are also the endpoints' names and the jobs' kinds."""
KINDS = frozenset({SPEECH, EFFECT, MUSIC})
WAIT_SECONDS = 25
"""How long a call waits for its job. API Gateway times out at 29 s unless an answer is streamed."""
DEADLINE_SECONDS = 900
"""Until when the vendor must have accepted the order; a busy one is asked again till then."""
BUCKET = "audio"
CONTENT_TYPE = "audio/mpeg"


def place(kind: str, caller: Caller, order: SoundOrder) -> Order:
    """Returns the order of a sound. Raises NotFound for a foreign workspace, then InvalidInput."""
    payer = paying(caller, order.workspace_id)
    model = get_model(kind)
    checked = check_inputs(model, order.inputs)
    characters = len(checked.prompt)
    digest = digest_of([order.inputs, order.project_id])

    def job(job_id: str, _copies: Copies, base_url: str) -> JobRequest:
        return JobRequest(
            job_id=job_id,
            workspace_id=payer.workspace_id,
            user_id=payer.user_id,
            project_id=order.project_id,
            kind=kind,
            catalogue_id=model.id,
            request_digest=digest,
            wanted=Wanted(
                media_type="audio",
                prompt=checked.prompt,
                inputs=checked.inputs,
                characters=characters,
                duration_seconds=checked.duration_seconds,
            ),
            terms=Terms(deadline_at_seconds=now_seconds() + DEADLINE_SECONDS),
            output_key=keys.new_key(BUCKET, CONTENT_TYPE),
            public_base_url=base_url,
        )

    cost = price(model, checked.duration_seconds, characters=characters)
    return Order(kind, payer, digest, cost.credits, job)


def look(caller: Caller, job_id: str) -> dict[str, Any]:
    """Returns the job as it is now. Raises NotFound."""
    return status_of(lifecycle.look(caller, job_id, KINDS))
