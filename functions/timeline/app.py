"""GET, PATCH /api/projects/{id}/timeline: what a cut of the storyboard shows, and when."""

from showreel.boards import boards
from showreel.cuts import service
from showreel.cuts.schemas import TimelineChange
from showreel.edge.api import Response, api, base_url, json_response
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.get("/api/projects/<project_id>/timeline")
def get(project_id: str) -> Response:
    """Reads the timeline."""
    caller = current_caller(app)
    return json_response(200, service.get_timeline(boards(), caller, project_id, base_url(app)))


@app.patch("/api/projects/<project_id>/timeline")
def change(project_id: str, request: TimelineChange) -> Response:
    """Changes what the body names, if nobody else has changed it since it was read."""
    caller = current_caller(app)
    view = service.change_timeline(boards(), caller, project_id, request, base_url(app))
    return json_response(200, view)
