"""GET /api/credits, GET /api/credits/ledger and POST /api/credits/grants."""

from typing import Annotated

from showreel.credits import service
from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import AnyWorkspaceId, Cursor, Query
from showreel.identity import current_caller, require_service
from showreel.identity.service import own_workspace

app = api(current_caller)
handler = app.resolve
Limit = Annotated[int, Query(ge=1, le=service.MAX_PAGE)]


@app.get("/api/credits")
def balance(workspace_id: AnyWorkspaceId = None) -> Response:
    """Balance, held, available and the open holds."""
    return json_response(200, service.balance(_workspace(workspace_id)))


@app.get("/api/credits/ledger")
def entries(
    workspace_id: AnyWorkspaceId = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Lists movements of the balance, newest first."""
    return json_response(200, service.entries(_workspace(workspace_id), limit, cursor))


@app.post("/api/credits/grants")
def grant(request: service.Grant) -> Response:
    """Adds credits; only with the service token."""
    require_service(current_caller(app))
    return json_response(200, service.grant(request))


def _workspace(workspace_id: str | None) -> str:
    return own_workspace(current_caller(app), workspace_id).workspace_id
