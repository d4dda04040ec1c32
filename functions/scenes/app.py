"""/api/projects/{id}/scenes and /api/scenes/{id}: create, list, order, read, change, delete."""

from showreel.edge.api import Response, api, idempotency_header, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.identity import current_caller
from showreel.storyboards import service
from showreel.storyboards.schemas import SceneFields, SceneOrder

app = api(current_caller)
handler = app.resolve


@app.post("/api/projects/<project_id>/scenes")
def create(project_id: str, request: SceneFields) -> Response:
    """Adds a scene after the last one."""
    caller, key = current_caller(app), idempotency_header(app)
    return json_response(201, service.create_scene(caller, project_id, request, key))


@app.get("/api/projects/<project_id>/scenes")
def list_scenes(project_id: str, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Lists the scenes by their numbers."""
    page = service.list_scenes(current_caller(app), project_id, limit, cursor)
    return json_response(200, page)


@app.put("/api/projects/<project_id>/scenes/order")
def order(project_id: str, request: SceneOrder) -> Response:
    """Numbers the scenes anew, from 1."""
    service.order_scenes(current_caller(app), project_id, request)
    return Response(204)


@app.get("/api/scenes/<scene_id>")
def get(scene_id: str) -> Response:
    """Reads the scene."""
    return json_response(200, service.get_scene(current_caller(app), scene_id))


@app.patch("/api/scenes/<scene_id>")
def change(scene_id: str, request: SceneFields) -> Response:
    """Changes what the body names."""
    return json_response(200, service.change_scene(current_caller(app), scene_id, request))


@app.delete("/api/scenes/<scene_id>")
def delete(scene_id: str) -> Response:
    """Removes the scene with its shots and files. The other scenes keep their numbers."""
    service.delete_scene(current_caller(app), scene_id)
    return Response(204)
