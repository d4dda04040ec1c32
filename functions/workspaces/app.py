"""/api/workspaces: workspaces with their members and invitations."""

from urllib.parse import unquote

from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.identity import current_caller, invitations, service
from showreel.identity.models import CreateWorkspace, Invite, SetMember
from showreel.identity.store import MAX_MEMBERS

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
def list_members(workspace_id: str, limit: Limit = MAX_MEMBERS, cursor: Cursor = None) -> Response:
    """Who is in it."""
    return json_response(
        200, service.list_members(current_caller(app), workspace_id, limit, cursor)
    )


@app.put("/api/workspaces/<workspace_id>/members")
def set_member(workspace_id: str, request: SetMember) -> Response:
    """Changes a member's role; a service may also add a user."""
    return json_response(200, service.set_member(current_caller(app), workspace_id, request))


@app.delete("/api/workspaces/<workspace_id>/members/<user_id>")
def remove_member(workspace_id: str, user_id: str) -> Response:
    """Takes a user out."""
    service.remove_member(current_caller(app), workspace_id, unquote(user_id))
    return Response(204)


@app.post("/api/workspaces/<workspace_id>/invitations")
def invite(workspace_id: str, request: Invite) -> Response:
    """Invites a user, who becomes a member by accepting."""
    return json_response(201, invitations.invite(current_caller(app), workspace_id, request))


@app.get("/api/workspaces/<workspace_id>/invitations")
def list_invited(workspace_id: str, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Lists open invitations; for owners."""
    page = invitations.list_invited(current_caller(app), workspace_id, limit, cursor)
    return json_response(200, page)


@app.delete("/api/workspaces/<workspace_id>/invitations/<user_id>")
def withdraw(workspace_id: str, user_id: str) -> Response:
    """Takes an invitation back."""
    invitations.withdraw(current_caller(app), workspace_id, unquote(user_id))
    return Response(204)
