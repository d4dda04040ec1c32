"""POST /functions/v1/director-cut: sync, create, retry, status; and the timeline of a project."""

from showreel.boards import boards
from showreel.cuts import service
from showreel.cuts.schemas import DirectorCutRequest, TimelineChange
from showreel.edge.api import Response, api, base_url, idempotency_header, json_response
from showreel.edge.idempotency import answer_once
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.post("/functions/v1/director-cut")
def director_cut(request: DirectorCutRequest) -> Response:
    """Brings the timeline up to the storyboard, makes a film of it, and returns its status."""
    caller, key, arn = current_caller(app), idempotency_header(app), _arn()

    def act() -> Response:
        return json_response(200, service.act(boards(), caller, request, key, base_url(app), arn))

    workspace_id = service.paying_workspace(boards(), caller, request)
    return act() if workspace_id is None else answer_once(app, workspace_id, act)


@app.get("/api/projects/<project_id>/timeline")
def get_timeline(project_id: str) -> Response:
    """Reads what a cut of the storyboard shows, and when."""
    caller = current_caller(app)
    return json_response(200, service.get_timeline(boards(), caller, project_id, base_url(app)))


@app.patch("/api/projects/<project_id>/timeline")
def change_timeline(project_id: str, request: TimelineChange) -> Response:
    """Changes what the body names, if nobody else has changed it since it was read."""
    caller = current_caller(app)
    view = service.change_timeline(boards(), caller, project_id, request, base_url(app))
    return json_response(200, view)


def _arn() -> str:
    return str(app.lambda_context.invoked_function_arn)
