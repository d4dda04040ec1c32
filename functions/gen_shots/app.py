"""POST /functions/v1/gen-shots: streams a scene's shots while a language model writes them."""

from showreel.edge.api import Response, api
from showreel.edge.streaming.calls import stream_call
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.storyboards.gen_shots import service
from showreel.storyboards.gen_shots.schemas import RESPONSES, GenShotsBody

app = api(current_caller)
opening = Opening(app)
handler = opening.handle


@app.post("/functions/v1/gen-shots", responses=RESPONSES)
def gen_shots(request: GenShotsBody) -> Response:
    """`meta`, then `shot` as each shot is `creating`, `drafting`, `enriching`, `ready`, then `done`
    or `error`. The work doesn't need the stream.

    The same `requestId` is the same stream again, with `Last-Event-ID` from there on. A stream
    without a last event was cut after `StreamSeconds`: the client comes back for the rest.
    """
    stream = service.gen_shots(current_caller(app), request, stream_call(app))
    return opening.open(stream.headers, stream.body)
