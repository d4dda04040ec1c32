"""/api/runs/{runId} and /api/compute-runs/{run_id}: a run and its token, and a graph's run with its
nodes.
"""

from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.identity import any_reader, current_caller, run_reader
from showreel.products import all_runs
from showreel.results import register_products
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.service import own_run, token_of

app = api(any_reader)
handler = app.resolve
register_products()
NODES = 100
"""The default number of a graph's nodes in an answer."""


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


@app.post("/api/runs/<run_id>/token")
def issue_token(run_id: str) -> Response:
    """Gives a token that reads this run alone, for a day: for pages that follow it."""
    return json_response(200, token_of(own_run(_runs(), current_caller(app), run_id)))


@app.get("/api/compute-runs/<run_id>")
def read_graph(run_id: str, limit: Limit = NODES, cursor: Cursor = None) -> Response:
    """Reads a run of a graph, with a page of its nodes."""
    from showreel.graphs.runs import service as graph_runs

    caller = current_caller(app)
    return json_response(200, graph_runs.look(caller, run_id, limit, cursor, _arn()))


@app.post("/api/compute-runs/<run_id>/cancel")
def cancel_graph(run_id: str) -> Response:
    """Stops the run and what it has ordered; what is made is kept and paid, the rest returns."""
    from showreel.graphs.runs import service as graph_runs

    return json_response(200, graph_runs.cancel(current_caller(app), run_id, NODES, _arn()))


def _runs() -> Lifecycle:
    return all_runs(_arn())


def _arn() -> str:
    return str(app.lambda_context.invoked_function_arn)
