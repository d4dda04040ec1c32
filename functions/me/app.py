"""/api/me and /api/invitations: a user's own choices and invitations."""

from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import Cursor, Limit
from showreel.identity import current_caller, invitations, service
from showreel.identity.models import ChangeMe

app = api(current_caller)
handler = app.resolve


@app.get("/api/me")
def read() -> Response:
    """Who calls, and which workspace counts where a call names none."""
    return json_response(200, service.me(current_caller(app)))


@app.patch("/api/me")
def change(request: ChangeMe) -> Response:
    """Chooses the default workspace."""
    return json_response(200, service.change_me(current_caller(app), request))


@app.get("/api/invitations")
def list_invitations(limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Lists the caller's open invitations."""
    page = invitations.list_invitations(current_caller(app), limit, cursor)
    return json_response(200, page)


@app.post("/api/invitations/<invitation_id>/accept")
def accept(invitation_id: str) -> Response:
    """Makes the caller a member; answers with the workspace."""
    return json_response(200, invitations.accept(current_caller(app), invitation_id))


@app.post("/api/invitations/<invitation_id>/decline")
def decline(invitation_id: str) -> Response:
    """Removes the invitation."""
    invitations.decline(current_caller(app), invitation_id)
    return Response(204)
