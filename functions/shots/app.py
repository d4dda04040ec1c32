"""/api/scenes/{id}/shots, /api/shots/{id} and its versions."""

from showreel.edge.api import Response, api, base_url, idempotency_header, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.identity import current_caller
from showreel.storyboards import service
from showreel.storyboards.schemas import OneMedium, ShotFields, ShotOrder

app = api(current_caller)
handler = app.resolve


@app.post("/api/scenes/<scene_id>/shots")
def create(scene_id: str, request: ShotFields) -> Response:
    """Adds a shot after the last one."""
    caller, key = current_caller(app), idempotency_header(app)
    return json_response(201, service.create_shot(caller, scene_id, request, base_url(app), key))


@app.get("/api/scenes/<scene_id>/shots")
def list_shots(scene_id: str, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Lists the shots by their numbers."""
    page = service.list_shots(current_caller(app), scene_id, limit, cursor, base_url(app))
    return json_response(200, page)


@app.put("/api/scenes/<scene_id>/shots/order")
def order(scene_id: str, request: ShotOrder) -> Response:
    """Numbers the shots anew, from 1."""
    service.order_shots(current_caller(app), scene_id, request)
    return Response(204)


@app.get("/api/shots/<shot_id>")
def get(shot_id: str) -> Response:
    """Reads the shot."""
    return json_response(200, service.get_shot(current_caller(app), shot_id, base_url(app)))


@app.patch("/api/shots/<shot_id>")
def change(shot_id: str, request: ShotFields) -> Response:
    """Changes what the body names."""
    caller = current_caller(app)
    return json_response(200, service.change_shot(caller, shot_id, request, base_url(app)))


@app.delete("/api/shots/<shot_id>")
def delete(shot_id: str) -> Response:
    """Removes the shot and what was made for it. The other shots keep their numbers."""
    service.delete_shot(current_caller(app), shot_id)
    return Response(204)


@app.get("/api/shots/<shot_id>/versions")
def list_versions(
    shot_id: str, medium: OneMedium = None, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Lists what was made for the shot, newest first within each medium."""
    caller, base = current_caller(app), base_url(app)
    page = service.list_versions(caller, shot_id, medium, limit, cursor, base)
    return json_response(200, page)


@app.post("/api/shots/<shot_id>/versions/<version_id>/restore")
def restore(shot_id: str, version_id: str) -> Response:
    """Shows an older version again; answers with the shot."""
    caller, base = current_caller(app), base_url(app)
    return json_response(200, service.restore_version(caller, shot_id, version_id, base))
