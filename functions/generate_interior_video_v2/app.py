"""/functions/v1/generate-interior-video-v2: a video of a room, and how far it is."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from showreel.edge.api import api, json_response
from showreel.edge.idempotency import answer_once
from showreel.edge.prefer import LOCK_SECONDS
from showreel.identity import current_caller
from showreel.singles.video import service
from showreel.singles.video.calls import this_call
from showreel.singles.video.schemas import RESPONSES, InteriorVideo

app = api(current_caller)
JobId = Annotated[str, Query(min_length=1, max_length=128)]


@app.post("/functions/v1/generate-interior-video-v2", responses=RESPONSES)
def generate(request: InteriorVideo) -> Response[Any]:
    """The video if it is made within the window, else 202 with the id of its job."""
    call = this_call(app)
    placed = service.place(service.INTERIOR, current_caller(app), request)

    def make() -> Response[Any]:
        return service.make(placed, call)

    return answer_once(app, placed.workspace_id, make, lock_seconds=LOCK_SECONDS)


@app.get("/functions/v1/generate-interior-video-v2")
def look(job_id: JobId) -> Response[Any]:
    """How far the job is; `video_url` once it is completed."""
    return json_response(200, service.look(current_caller(app), job_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point; `showreel.edge.streaming` sends what it returns, however late."""
    return app.resolve(event, context)
