"""POST /functions/v1/fal-stream: generates with any of fal's models, as Server-Sent Events."""

from typing import Any

from showreel.edge.api import Response, api
from showreel.edge.prefer import this_call
from showreel.edge.sse import HEADERS
from showreel.edge.streaming.limits import seconds_left
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.singles.fal import service as fal
from showreel.singles.fal.schemas import FalRequest

app = api(current_caller)
opening = Opening(app)
handler = opening.handle
RESPONSES: Any = {
    200: {"description": "Events, one `data:` line each", "content": {"text/event-stream": {}}}
}


@app.post("/functions/v1/fal-stream", responses=RESPONSES)
def stream(request: FalRequest) -> Response:
    """`meta`, `progress`, `fallback`, then `done` or `error`; the work doesn't need the stream.

    Documented clients don't come back, so it lasts as long as its job. `Prefer: wait=N` ends it
    earlier, for those that do.
    """
    caller = current_caller(app)
    call = this_call(app, seconds_left(app.lambda_context))
    started = fal.start(caller, request, call)
    applied = {"Preference-Applied": call.applied} if call.applied else {}
    return opening.open(HEADERS | applied, started.events(call.deadline))
