"""The routes elevenlabs-tts, -sfx and -music."""

from collections.abc import Mapping
from typing import Any

from showreel_client.effects import Conversation
from showreel_client.errors import GenerationError
from showreel_client.jobs import finished
from showreel_client.models import GenerationInput
from showreel_client.outcome import Outcome
from showreel_client.references import own_parameters
from showreel_client.run import Run

FIELDS = {"voice_id": "voiceId", "model_id": "modelId"}
DURATION_SECONDS = {"elevenlabs-sfx": 5, "elevenlabs-music": 30}
"""What is sent if the caller gives no duration."""


def generate(run: Run, wanted: GenerationInput, extra: Mapping[str, Any]) -> Conversation[Outcome]:
    """Returns the sound's outcome, however long it takes. Raises GenerationError `audio_error`."""
    if wanted.reference_assets:
        raise run.error(f"{run.route.name} takes no reference assets")
    body = yield from finished(run, run.post(_body(run, wanted) | dict(extra)))
    outcome = Outcome(media_type="audio")
    outcome.take(body)
    outcome.take_media(body)
    if not outcome.urls and outcome.storage_url is None:
        raise GenerationError("The sound is finished and has no URL", "no_result")
    return outcome


def _body(run: Run, wanted: GenerationInput) -> dict[str, Any]:
    fields = {FIELDS.get(name, name): value for name, value in own_parameters(wanted).items()}
    if run.route.name == "elevenlabs-tts":
        return {**fields, "text": wanted.prompt}
    return {"duration": DURATION_SECONDS[run.route.name], **fields, "prompt": wanted.prompt}
