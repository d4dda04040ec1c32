"""GET/POST /api/workspaces and GET/PUT/DELETE /api/workspaces/{id}/members."""

from urllib.parse import unquote

from showreel.edge.api import Response, api, json_response
from showreel.edge.paging import refuse_cursor
from showreel.edge.queries import Cursor, Limit
from showreel.identity import current_caller, service
from showreel.identity.models import CreateWorkspace, SetMember

app = api(current_caller)
handler = app.resolve


@app.get("/api/workspaces")
def list_workspaces(limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Lists the caller's workspaces."""
    return json_response(200, service.list_workspaces(current_caller(app), limit, cursor))


@app.post("/api/workspaces")
def create_workspace(request: CreateWorkspace) -> Response:
    """Creates a workspace that the caller owns."""
    return json_response(201, service.create_workspace(current_caller(app), request))


@app.get("/api/workspaces/<workspace_id>/members")
def list_members(workspace_id: str, cursor: Cursor = None) -> Response:
    """Who is in it, all on one page."""
    members = service.list_members(current_caller(app), workspace_id)
    refuse_cursor(cursor)
    return json_response(200, members)


@app.put("/api/workspaces/<workspace_id>/members")
def set_member(workspace_id: str, request: SetMember) -> Response:
    """Adds a user or changes a role."""
    return json_response(200, service.set_member(current_caller(app), workspace_id, request))


@app.delete("/api/workspaces/<workspace_id>/members/<user_id>")
def remove_member(workspace_id: str, user_id: str) -> Response:
    """Takes a user out."""
    service.remove_member(current_caller(app), workspace_id, unquote(user_id))
    return Response(204)
