"""GET /api/jobs and POST /api/jobs/{id}/cancel."""

from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import Cursor, Limit, WorkspaceId
from showreel.generation import views
from showreel.identity import current_caller, require_member
from showreel.results import register_products

app = api(current_caller)
handler = app.resolve
register_products()


@app.get("/api/jobs")
def list_jobs(workspace_id: WorkspaceId, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Lists a workspace's generation jobs, newest first."""
    require_member(current_caller(app), workspace_id)
    return json_response(200, views.list_jobs(workspace_id, limit, cursor))


@app.post("/api/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Ends a job; a finished one stays as it is."""
    arn = str(app.lambda_context.invoked_function_arn)
    return json_response(200, views.cancel(current_caller(app), job_id, arn))
