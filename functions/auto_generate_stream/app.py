"""GET /functions/v1/project-auto-generate/stream: a run's stored events as Server-Sent Events."""

from showreel.edge import sse
from showreel.edge.api import Response, api
from showreel.edge.queries import RunId
from showreel.edge.streaming.limits import stream_deadline
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.runs.service import own_run, run_events
from showreel.storyboards.batch.kind import batches

app = api(current_caller)
opening = Opening(app)
handler = opening.handle


@app.get("/functions/v1/project-auto-generate/stream")
def stream(run_id: RunId) -> Response:
    """`status`, `shot` for every shot that is over, `stopped`, then `end`; after `Last-Event-ID`.

    Without an `end` after `StreamSeconds`: the client comes back for the rest.
    """
    on = batches(str(app.lambda_context.invoked_function_arn))
    run = own_run(on, current_caller(app), run_id)
    after = sse.last_event_id(app.current_event.headers.get("last-event-id"))
    events = run_events(on, run, after, stream_deadline(app.lambda_context))
    return opening.open(sse.HEADERS, events)
