"""POST /functions/v1/compute-execute: runs a project's graph, as Server-Sent Events."""

from showreel.edge.api import Response, api
from showreel.edge.streaming.calls import stream_call
from showreel.edge.streaming.opening import Opening
from showreel.graphs.runs import service
from showreel.graphs.runs.schemas import RESPONSES, ComputeExecute
from showreel.identity import current_caller

app = api(current_caller)
opening = Opening(app)
handler = opening.handle


@app.post("/functions/v1/compute-execute", responses=RESPONSES)
def execute(request: ComputeExecute) -> Response:
    """Begins a run, or finds the one of the same `requestId`, and streams it after `Last-Event-ID`.

    The run needs no reader. A stream without `complete` or `error` was cut: the client comes back.
    """
    stream = service.execute(current_caller(app), request, stream_call(app))
    return opening.open(stream.headers, stream.body)
