"""/api/projects: create, list, read, change, delete."""

from showreel.edge.api import Response, api, base_url, idempotency_header, json_response
from showreel.edge.queries import Cursor, Limit, WorkspaceId
from showreel.identity import current_caller
from showreel.storyboards import service
from showreel.storyboards.schemas import NewStoryboard, StoryboardChange

app = api(current_caller)
handler = app.resolve


@app.post("/api/projects")
def create(request: NewStoryboard) -> Response:
    """Creates a storyboard project."""
    caller, key = current_caller(app), idempotency_header(app)
    return json_response(201, service.create_project(caller, request, base_url(app), key))


@app.get("/api/projects")
def list_projects(workspace_id: WorkspaceId, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Lists a workspace's storyboard projects, newest first."""
    page = service.list_projects(current_caller(app), workspace_id, limit, cursor, base_url(app))
    return json_response(200, page)


@app.get("/api/projects/<project_id>")
def get(project_id: str) -> Response:
    """Reads the project."""
    return json_response(200, service.get_project(current_caller(app), project_id, base_url(app)))


@app.patch("/api/projects/<project_id>")
def change(project_id: str, request: StoryboardChange) -> Response:
    """Changes what the body names."""
    caller = current_caller(app)
    return json_response(200, service.change_project(caller, project_id, request, base_url(app)))


@app.delete("/api/projects/<project_id>")
def delete(project_id: str) -> Response:
    """Removes the project with its scenes, shots and files."""
    service.delete_project(current_caller(app), project_id)
    return Response(204)
