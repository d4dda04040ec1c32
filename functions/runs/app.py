"""GET /api/runs/{runId} and POST /api/runs/{runId}/cancel."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.edge.api import api, json_response
from showreel.films.pipeline import service
from showreel.identity import current_caller, run_reader

app = api(current_caller)


@app.get("/api/runs/<run_id>")
def read(run_id: str) -> Response[Any]:
    """The run object; also with the run's own token."""
    run = service.own_run(run_reader(app, run_id), run_id)
    return json_response(200, service.shown(run))


@app.post("/api/runs/<run_id>/cancel")
def cancel(run_id: str) -> Response[Any]:
    """Stops the run; finished clips are kept and paid, the rest returns."""
    run = service.own_run(current_caller(app), run_id)
    return json_response(200, service.cancel(run, str(app.lambda_context.invoked_function_arn)))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
