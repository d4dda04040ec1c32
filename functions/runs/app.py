"""GET /api/runs/{runId} and POST /api/runs/{runId}/cancel."""

from showreel.edge.api import Response, api, json_response
from showreel.identity import any_reader, current_caller, run_reader
from showreel.products import all_runs
from showreel.results import tell_products
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.service import own_run

app = api(any_reader)
handler = app.resolve
tell_products()


@app.get("/api/runs/<run_id>")
def read(run_id: str) -> Response:
    """Reads the run object; also with the run's own token."""
    on = _runs()
    return json_response(200, on.shown(own_run(on, run_reader(app, run_id), run_id)))


@app.post("/api/runs/<run_id>/cancel")
def cancel(run_id: str) -> Response:
    """Stops the run; what is finished is kept and paid, the rest returns."""
    on = _runs()
    return json_response(200, on.shown(on.cancel(own_run(on, current_caller(app), run_id))))


def _runs() -> Lifecycle:
    return all_runs(str(app.lambda_context.invoked_function_arn))
