"""/api/video-projects: create, list, read, change, delete, estimate."""

from showreel.edge.api import Response, api, base_url, json_response
from showreel.edge.queries import Cursor, Limit, WorkspaceId
from showreel.films.projects import service
from showreel.films.projects.schemas import NewProject, ProjectChange
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.post("/api/video-projects")
def create(request: NewProject) -> Response:
    """Creates a project with its clips."""
    return json_response(201, service.create(current_caller(app), request, base_url(app)))


@app.get("/api/video-projects")
def list_projects(workspace_id: WorkspaceId, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Lists a workspace's projects, newest first."""
    page = service.list_projects(current_caller(app), workspace_id, limit, cursor, base_url(app))
    return json_response(200, page)


@app.get("/api/video-projects/<project_id>")
def get(project_id: str) -> Response:
    """Reads the project with its clips."""
    return json_response(200, service.get(current_caller(app), project_id, base_url(app)))


@app.patch("/api/video-projects/<project_id>")
def change(project_id: str, request: ProjectChange) -> Response:
    """Changes what the body names."""
    caller = current_caller(app)
    return json_response(200, service.change(caller, project_id, request, base_url(app)))


@app.delete("/api/video-projects/<project_id>")
def delete(project_id: str) -> Response:
    """Removes the project with its files."""
    service.delete(current_caller(app), project_id)
    return Response(204)


@app.get("/api/video-projects/<project_id>/estimate")
def estimate(project_id: str) -> Response:
    """Estimates what the film will cost."""
    return json_response(200, service.estimate_project(current_caller(app), project_id))
