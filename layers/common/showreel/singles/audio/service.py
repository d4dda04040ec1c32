"""What the endpoints of sounds do: order, make and wait, look.

A sound's vendor makes it once: see `generation.steps.make_file`.
"""

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.assets import keys
from showreel.catalog import Model, get_model, price
from showreel.catalog.forms import Checked, check_inputs
from showreel.catalog.values import MediaUrl
from showreel.core.clock import now_seconds
from showreel.core.ids import digest_of
from showreel.edge.prefer import Call
from showreel.generation.models import JobRequest
from showreel.identity import Caller
from showreel.orders import lifecycle
from showreel.orders.media import Copies
from showreel.orders.workspace import paying
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
class PlacedSound:
    """An order whose caller may place it and whose model can do it."""

    model: Model
    workspace_id: str
    user_id: str
    project_id: str | None
    wanted: Checked
    digest: str
    media: tuple[MediaUrl, ...] = ()

    @property
    def kind(self) -> str:
        """Its endpoint and its model have the same name."""
        return self.model.id

    @property
    def least_credits(self) -> int:
        """The price."""
        wanted = self.wanted
        return price(self.model, wanted.duration_seconds, characters=len(wanted.prompt)).credits

    def request(self, job_id: str, _copies: Copies, base_url: str) -> JobRequest:
        """The job of it."""
        wanted = self.wanted
        return JobRequest(
            job_id=job_id,
            workspace_id=self.workspace_id,
            user_id=self.user_id,
            project_id=self.project_id,
            kind=self.kind,
            model=self.model.id,
            media_type="audio",
            prompt=wanted.prompt,
            inputs=wanted.inputs,
            characters=len(wanted.prompt),
            duration_seconds=wanted.duration_seconds,
            request_digest=self.digest,
            output_key=keys.new_key(BUCKET, CONTENT_TYPE),
            deadline_at_seconds=now_seconds() + DEADLINE_SECONDS,
            public_base_url=base_url,
        )


def place(kind: str, caller: Caller, order: SoundOrder) -> PlacedSound:
    """Raises NotFound for a workspace that isn't the caller's, then InvalidInput."""
    member = paying(caller, order.workspace_id)
    model = get_model(kind)
    return PlacedSound(
        model=model,
        workspace_id=member.workspace_id,
        user_id=member.user_id,
        project_id=order.project_id,
        wanted=check_inputs(model, order.inputs),
        digest=digest_of([order.inputs, order.project_id]),
    )


def make(placed: PlacedSound, call: Call) -> Response[Any]:
    """The sound, or how far it is when the call may wait no longer.

    Raises as `lifecycle.begin`, and the error of a job that failed meanwhile.
    """
    return answer(lifecycle.make(placed, call), call)


def look(caller: Caller, job_id: str) -> dict[str, Any]:
    """The job as it is now. Raises NotFound."""
    return status_of(lifecycle.look(caller, job_id, KINDS))
