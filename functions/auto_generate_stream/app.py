"""GET /functions/v1/project-auto-generate/stream: a run's stored events as Server-Sent Events."""

import time

from showreel.core.settings import Streams, settings
from showreel.edge import sse
from showreel.edge.api import Response, api
from showreel.edge.queries import RunId
from showreel.edge.streaming.limits import seconds_left
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.storyboards.batch import service
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
    run = service.own_batch(on, current_caller(app), run_id)
    after = sse.last_event_id(app.current_event.headers.get("last-event-id"))
    seconds = min(settings(Streams).stream_seconds, seconds_left(app.lambda_context))
    return opening.open(sse.HEADERS, service.follow(on, run, after, time.monotonic() + seconds))
