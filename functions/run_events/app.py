"""GET /api/runs/{runId}/events: a run's stored events as Server-Sent Events."""

import time
from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.core.http import api
from showreel.films.pipeline import service
from showreel.identity import run_reader
from showreel.runs import sse
from showreel.streaming.opening import Opening

app = api()
opening = Opening()
CLOSING_SECONDS = 5


@app.get("/api/runs/<run_id>/events")
def events(run_id: str) -> Response[Any]:
    """`status` for every event after `Last-Event-ID`, then `end`; also with the run's own token."""
    run = service.own_run(run_reader(app, run_id), run_id)
    after = sse.last_event_id(app.current_event.headers.get("last-event-id"))
    seconds = app.lambda_context.get_remaining_time_in_millis() / 1000 - CLOSING_SECONDS
    stream = service.run_events(run.id, after, time.monotonic() + seconds)
    return opening.open(sse.HEADERS, stream)


def handler(event: dict[str, Any], context: Any) -> Any:
    """The Lambda entry point; `showreel.streaming` sends what it returns."""
    return opening.result(app.resolve(event, context))
