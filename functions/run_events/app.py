"""GET /api/runs/{runId}/events: a run's stored events as Server-Sent Events."""

from showreel.edge import sse
from showreel.edge.api import Response, api
from showreel.edge.streaming.limits import stream_deadline
from showreel.edge.streaming.opening import Opening
from showreel.identity import any_reader, run_reader
from showreel.products import all_runs
from showreel.runs.service import own_run, run_events

app = api(any_reader)
opening = Opening(app)
handler = opening.handle


@app.get("/api/runs/<run_id>/events")
def events(run_id: str) -> Response:
    """`status` for every event after `Last-Event-ID`, then `end`; also with the run's own token.

    Without an `end` after `StreamSeconds`: the client comes back for the rest.
    """
    on = all_runs(str(app.lambda_context.invoked_function_arn))
    run = own_run(on, run_reader(app, run_id), run_id)
    after = sse.last_event_id(app.current_event.headers.get("last-event-id"))
    stream = run_events(on, run, after, stream_deadline(app.lambda_context))
    return opening.open(sse.HEADERS, stream)
