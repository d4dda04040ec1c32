"""GET/POST /api/workspaces and GET/PUT/DELETE /api/workspaces/{id}/members."""

from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from showreel.edge.api import api, json_response
from showreel.identity import current_caller, service
from showreel.identity.models import MAX_PAGE, CreateWorkspace, Page, SetMember

app = api(current_caller)
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str | None, Query(max_length=128)]


@app.get("/api/workspaces")
def list_workspaces(limit: Limit = 50, cursor: Cursor = None) -> Response[Any]:
    """The caller's workspaces."""
    page = Page(limit=limit, cursor=cursor)
    return json_response(200, service.list_workspaces(current_caller(app), page))


@app.post("/api/workspaces")
def create_workspace(request: CreateWorkspace) -> Response[Any]:
    """A workspace that the caller owns."""
    return json_response(201, service.create_workspace(current_caller(app), request))


@app.get("/api/workspaces/<workspace_id>/members")
def list_members(workspace_id: str) -> Response[Any]:
    """Who is in it."""
    return json_response(200, service.list_members(current_caller(app), workspace_id))


@app.put("/api/workspaces/<workspace_id>/members")
def set_member(workspace_id: str, request: SetMember) -> Response[Any]:
    """Adds a user or changes a role."""
    return json_response(200, service.set_member(current_caller(app), workspace_id, request))


@app.delete("/api/workspaces/<workspace_id>/members/<user_id>")
def remove_member(workspace_id: str, user_id: str) -> Response[Any]:
    """Takes a user out."""
    service.remove_member(current_caller(app), workspace_id, unquote(user_id))
    return Response(204)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
