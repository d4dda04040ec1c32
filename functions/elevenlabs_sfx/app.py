"""/functions/v1/elevenlabs-sfx: a sound effect, and how far it is."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from showreel.edge.api import api, json_response
from showreel.edge.idempotency import answer_once
from showreel.edge.prefer import LOCK_SECONDS, this_call
from showreel.identity import current_caller
from showreel.singles.audio import service as audio
from showreel.singles.audio.responses import as_accepted
from showreel.singles.audio.schemas import RESPONSES, EffectOrder

app = api(current_caller)
JobId = Annotated[str, Query(min_length=1, max_length=128)]


@app.post("/functions/v1/elevenlabs-sfx", responses=RESPONSES)
def generate(request: EffectOrder) -> Response[Any]:
    """The sound if it is made within 25 s, else 202 with the id of its job."""
    call = this_call(app, audio.WAIT_SECONDS)
    placed = audio.place(audio.EFFECT, current_caller(app), request)

    def make() -> Response[Any]:
        return audio.make(placed, call)

    answered = answer_once(app, placed.workspace_id, make, lock_seconds=LOCK_SECONDS)
    return as_accepted(app, answered)


@app.get("/functions/v1/elevenlabs-sfx")
def look(job_id: JobId) -> Response[Any]:
    """How far the job is; `url` once it is completed."""
    return as_accepted(app, json_response(200, audio.look(current_caller(app), job_id)))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
