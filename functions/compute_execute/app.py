"""POST /functions/v1/compute-execute: runs a project's graph, told as Server-Sent Events."""

from showreel.edge import sse
from showreel.edge.api import Response, api, base_url, idempotency_header
from showreel.edge.streaming.opening import Opening
from showreel.graphs.runs import service
from showreel.graphs.runs.schemas import RESPONSES, ComputeExecute
from showreel.identity import current_caller

app = api(current_caller)
opening = Opening(app)
handler = opening.handle


@app.post("/functions/v1/compute-execute", responses=RESPONSES)
def execute(request: ComputeExecute) -> Response:
    """Begins a run, or finds the one of the same `requestId`, and tells it after `Last-Event-ID`.

    The run needs no reader. A stream without `complete` or `error` was cut: the client comes back.
    """
    call = service.Call(
        base_url=base_url(app),
        function_arn=str(app.lambda_context.invoked_function_arn),
        lifetime=app.lambda_context,
        key=idempotency_header(app),
        last_event_id=sse.last_event_id(app.current_event.headers.get("last-event-id")),
    )
    stream = service.execute(current_caller(app), request, call)
    replayed = {"Idempotent-Replayed": "true"} if stream.is_replay else {}
    return opening.open(sse.HEADERS | replayed, stream.body)
