"""POST /functions/v1/fal-stream: any model of fal's, with its progress as Server-Sent Events."""

import time
from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.core.http import api, base_url, idempotency_header
from showreel.identity import current_caller
from showreel.routed import fal
from showreel.routed.wire import FalRequest
from showreel.runs.sse import HEADERS
from showreel.streaming.opening import Opening

app = api(current_caller)
opening = Opening()
CLOSING_SECONDS = 5
RESPONSES: Any = {
    200: {"description": "Events, one `data:` line each", "content": {"text/event-stream": {}}}
}


@app.post("/functions/v1/fal-stream", responses=RESPONSES)
def stream(request: FalRequest) -> Response[Any]:
    """`meta`, `progress`, `fallback`, then `done` or `error`; the work doesn't need the stream."""
    arn = str(app.lambda_context.invoked_function_arn)
    caller, key = current_caller(app), idempotency_header(app)
    started = fal.start(caller, request, key, base_url(app), arn)
    seconds = app.lambda_context.get_remaining_time_in_millis() / 1000 - CLOSING_SECONDS
    return opening.open(HEADERS, started.events(time.monotonic() + seconds))


def handler(event: dict[str, Any], context: Any) -> Any:
    """The Lambda entry point; `showreel.streaming` sends what it returns."""
    return opening.result(app.resolve(event, context))
