"""/api/projects/{id}/graph/cache: what a project's runs have made and need not be made again."""

from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.graphs.runs import service
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.get("/api/projects/<project_id>/graph/cache")
def read(project_id: str, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Tells how much is kept, with a page of it, newest first."""
    caller = current_caller(app)
    return json_response(200, service.look_at_cache(caller, project_id, limit, cursor))


@app.delete("/api/projects/<project_id>/graph/cache")
def clear(project_id: str) -> Response:
    """Forgets all of it, so that the next run makes it again. The files stay."""
    return json_response(200, service.clear_cache(current_caller(app), project_id))
