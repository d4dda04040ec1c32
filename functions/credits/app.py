"""GET /api/credits, GET /api/credits/ledger and POST /api/credits/grants."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from showreel.credits import service
from showreel.edge.api import api, json_response
from showreel.identity import current_caller, require_service
from showreel.identity.service import own_workspace_id

app = api(current_caller)
WorkspaceId = Annotated[str | None, Query(alias="workspaceId", max_length=128)]
Limit = Annotated[int, Query(ge=1, le=service.MAX_PAGE)]
Cursor = Annotated[str | None, Query(max_length=300)]


@app.get("/api/credits")
def balance(workspace_id: WorkspaceId = None) -> Response[Any]:
    """Balance, held, available and the open holds."""
    return json_response(200, service.balance(_workspace(workspace_id)))


@app.get("/api/credits/ledger")
def entries(
    workspace_id: WorkspaceId = None, limit: Limit = 50, cursor: Cursor = None
) -> Response[Any]:
    """Every movement of the balance, newest first."""
    return json_response(200, service.entries(_workspace(workspace_id), limit, cursor))


@app.post("/api/credits/grants")
def grant(request: service.Grant) -> Response[Any]:
    """Adds credits; only with the service token."""
    require_service(current_caller(app))
    return json_response(200, service.grant(request))


def _workspace(workspace_id: str | None) -> str:
    return own_workspace_id(current_caller(app), workspace_id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
