"""/api/workspaces/{workspace_id}/webhooks: webhooks for the ends of a workspace's runs and jobs."""

from showreel.edge.api import Response, api, idempotency_header, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.identity import current_caller
from showreel.webhooks import service
from showreel.webhooks.schemas import NewWebhook, WebhookChange

app = api(current_caller)
handler = app.resolve


@app.post("/api/workspaces/<workspace_id>/webhooks")
def create(workspace_id: str, request: NewWebhook) -> Response:
    """Adds a webhook; only this answer has its secret."""
    key = idempotency_header(app)
    view, is_replay = service.create(current_caller(app), workspace_id, request, key)
    headers = {"Idempotent_Replayed": "true"} if is_replay else {}
    return json_response(201, view, **headers)


@app.get("/api/workspaces/<workspace_id>/webhooks")
def list_all(workspace_id: str, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Lists the webhooks, by id."""
    return json_response(200, service.list_all(current_caller(app), workspace_id, limit, cursor))


@app.get("/api/workspaces/<workspace_id>/webhooks/<webhook_id>")
def read(workspace_id: str, webhook_id: str) -> Response:
    """Reads a webhook."""
    return json_response(200, service.read(current_caller(app), workspace_id, webhook_id))


@app.patch("/api/workspaces/<workspace_id>/webhooks/<webhook_id>")
def change(workspace_id: str, webhook_id: str, request: WebhookChange) -> Response:
    """Changes what the body names; `status` disables and enables."""
    view = service.change(current_caller(app), workspace_id, webhook_id, request)
    return json_response(200, view)


@app.delete("/api/workspaces/<workspace_id>/webhooks/<webhook_id>")
def remove(workspace_id: str, webhook_id: str) -> Response:
    """Removes a webhook."""
    service.remove(current_caller(app), workspace_id, webhook_id)
    return Response(204)


@app.post("/api/workspaces/<workspace_id>/webhooks/<webhook_id>/test")
def test(workspace_id: str, webhook_id: str) -> Response:
    """Sends it a `webhook.test`; how that went is in its deliveries."""
    return json_response(202, service.test(current_caller(app), workspace_id, webhook_id))


@app.post("/api/workspaces/<workspace_id>/webhooks/<webhook_id>/rotate-secret")
def rotate_secret(workspace_id: str, webhook_id: str) -> Response:
    """Makes another secret; for a day the one before signs as well."""
    return json_response(200, service.rotate_secret(current_caller(app), workspace_id, webhook_id))


@app.get("/api/workspaces/<workspace_id>/webhooks/<webhook_id>/deliveries")
def list_deliveries(
    workspace_id: str, webhook_id: str, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Lists what became of its events in the last 30 days, newest first."""
    caller = current_caller(app)
    page = service.list_deliveries(caller, workspace_id, webhook_id, limit, cursor)
    return json_response(200, page)
