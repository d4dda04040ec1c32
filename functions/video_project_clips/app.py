"""/api/video-projects/{id}/clips: add, change, remove, reorder."""

from showreel.edge.api import Response, api, base_url, json_response
from showreel.films.projects import service
from showreel.films.projects.schemas import ClipChange, ClipOrder, NewClip
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.post("/api/video-projects/<project_id>/clips")
def add(project_id: str, request: NewClip) -> Response:
    """Adds a clip at the end."""
    caller = current_caller(app)
    return json_response(201, service.add_clip(caller, project_id, request, base_url(app)))


@app.put("/api/video-projects/<project_id>/clips/order")
def reorder(project_id: str, request: ClipOrder) -> Response:
    """Puts the clips in a new order."""
    caller = current_caller(app)
    return json_response(200, service.reorder(caller, project_id, request, base_url(app)))


@app.patch("/api/video-projects/<project_id>/clips/<clip_id>")
def change(project_id: str, clip_id: str, request: ClipChange) -> Response:
    """Changes what the body names."""
    caller, base = current_caller(app), base_url(app)
    return json_response(200, service.change_clip(caller, project_id, clip_id, request, base))


@app.delete("/api/video-projects/<project_id>/clips/<clip_id>")
def remove(project_id: str, clip_id: str) -> Response:
    """Removes the clip with its files."""
    service.remove_clip(current_caller(app), project_id, clip_id)
    return Response(204)
