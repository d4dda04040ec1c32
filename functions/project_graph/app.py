"""/api/projects/{id}/graph: a project's graph, read and written as a whole, and its estimate."""

from functools import partial

from showreel.core.settings import GraphLimits, settings
from showreel.edge.api import Response, api, base_url, json_response
from showreel.graphs import service
from showreel.graphs.schemas import EstimateBody, GraphBody
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.get("/api/projects/<project_id>/graph")
def get(project_id: str) -> Response:
    """Reads the graph, with what a run of it would be refused for."""
    return json_response(200, service.get_graph(current_caller(app), project_id, base_url(app)))


@app.put("/api/projects/<project_id>/graph")
def put(project_id: str, request: GraphBody) -> Response:
    """Replaces the whole graph, if its revision is still the one that the body has."""
    caller = current_caller(app)
    return json_response(200, service.put_graph(caller, project_id, request, base_url(app)))


@app.post("/api/projects/<project_id>/graph/estimate")
def estimate(project_id: str, request: EstimateBody) -> Response:
    """Tells what a run would cost and take, what is cached, and the critical path."""
    from showreel.graphs.runs.service import foresee  # who reads a graph runs nothing

    caller, base = current_caller(app), base_url(app)
    estimated = service.estimate_graph(
        caller,
        project_id,
        request,
        base,
        foresee=partial(foresee, base_url=base),
        concurrency=settings(GraphLimits).node_concurrency,
    )
    return json_response(200, estimated)
