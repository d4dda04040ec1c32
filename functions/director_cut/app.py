"""POST /functions/v1/director-cut: sync, create, retry, status."""

from showreel.boards import boards
from showreel.cuts import service
from showreel.cuts.schemas import DirectorCutRequest
from showreel.edge.api import Response, api, base_url, idempotency_header, json_response
from showreel.edge.idempotency import answer_once
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.post("/functions/v1/director-cut")
def director_cut(request: DirectorCutRequest) -> Response:
    """Brings the timeline up to the storyboard, makes a film of it, and tells how far it is."""
    caller, key, arn = current_caller(app), idempotency_header(app), _arn()

    def act() -> Response:
        return json_response(200, service.act(boards(), caller, request, key, base_url(app), arn))

    workspace_id = service.paying_workspace(boards(), caller, request)
    return act() if workspace_id is None else answer_once(app, workspace_id, act)


def _arn() -> str:
    return str(app.lambda_context.invoked_function_arn)
