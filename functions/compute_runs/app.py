"""GET /api/compute-runs/{run_id} and POST /api/compute-runs/{run_id}/cancel."""

from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.graphs.runs import service
from showreel.identity import current_caller
from showreel.results import tell_products

app = api(current_caller)
handler = app.resolve
tell_products()
NODES = 100
"""How many of a run's nodes an answer has."""


@app.get("/api/compute-runs/<run_id>")
def read(run_id: str, limit: Limit = NODES, cursor: Cursor = None) -> Response:
    """Reads a run of a graph, with a page of its nodes."""
    caller = current_caller(app)
    return json_response(200, service.look(caller, run_id, limit, cursor, _arn()))


@app.post("/api/compute-runs/<run_id>/cancel")
def cancel(run_id: str) -> Response:
    """Stops the run and what it has ordered; what is made is kept and paid, the rest returns."""
    return json_response(200, service.cancel(current_caller(app), run_id, NODES, _arn()))


def _arn() -> str:
    return str(app.lambda_context.invoked_function_arn)
