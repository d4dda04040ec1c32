"""GET /api/jobs and POST /api/jobs/{id}/cancel."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from showreel.edge.api import api, json_response
from showreel.generation import views
from showreel.identity import current_caller, require_member

app = api(current_caller)
WorkspaceId = Annotated[str, Query(alias="workspaceId", min_length=1, max_length=128)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=500)]


@app.get("/api/jobs")
def list_jobs(workspace_id: WorkspaceId, limit: Limit = 50, cursor: Cursor = None) -> Response[Any]:
    """A workspace's generation jobs, newest first."""
    require_member(current_caller(app), workspace_id)
    return json_response(200, views.list_jobs(workspace_id, limit, cursor))


@app.post("/api/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response[Any]:
    """Ends a job; a finished one stays as it is."""
    workspace_id = views.workspace_of(job_id)
    require_member(current_caller(app), workspace_id)
    arn = str(app.lambda_context.invoked_function_arn)
    return json_response(200, views.cancel(job_id, arn))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
