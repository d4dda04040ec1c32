"""/api/projects/{id}/graph: reads, writes and estimates a project's graph."""

from functools import partial

from showreel.core.settings import GraphLimits, settings
from showreel.edge.api import Response, api, base_url, json_response
from showreel.edge.queries import Cursor, Limit
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
    """Estimates what a run would cost and take, what is cached, and the critical path."""
    from showreel.graphs.runs.service import foresee  # reading doesn't need it

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


@app.get("/api/projects/<project_id>/graph/cache")
def read_cache(project_id: str, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Returns how much of what runs have made is kept, with a page of it, newest first."""
    from showreel.graphs.runs import kept

    return json_response(200, kept.look_at(current_caller(app), project_id, limit, cursor))


@app.delete("/api/projects/<project_id>/graph/cache")
def clear_cache(project_id: str) -> Response:
    """Forgets all of it, so that the next run makes it again. The files stay."""
    from showreel.graphs.runs import kept

    return json_response(200, kept.clear(current_caller(app), project_id))
