"""POST /api/shots/{shot_id}/generations: a picture, video or voice-over of one shot."""

from showreel.edge.api import Response, api, json_response
from showreel.edge.idempotency import answer_once
from showreel.edge.prefer import LOCK_SECONDS, this_call
from showreel.identity import current_caller
from showreel.storyboards.generations import service
from showreel.storyboards.generations.schemas import NewGeneration

app = api(current_caller)
handler = app.resolve


@app.post("/api/shots/<shot_id>/generations", status_code=202)
def generate(shot_id: str, request: NewGeneration) -> Response:
    """Starts the job. Its result is written to the shot; what was there stays as a version."""
    order, call = service.place(current_caller(app), shot_id, request), this_call(app, 0)

    def begin() -> Response:
        return json_response(202, service.begin(order, call))

    return answer_once(app, order.payer.workspace_id, begin, lock_seconds=LOCK_SECONDS)
