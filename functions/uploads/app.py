"""POST /api/uploads: prepares an upload: where to PUT the file, and the URL that it will have."""

from showreel.assets import service
from showreel.assets.models import CreateUpload
from showreel.edge.api import Response, api, base_url, json_response
from showreel.identity import current_caller, require_member

app = api(current_caller)
handler = app.resolve


@app.post("/api/uploads")
def create(request: CreateUpload) -> Response:
    """Reserves a file of the workspace."""
    require_member(current_caller(app), request.workspace_id)
    return json_response(201, service.create_upload(request, base_url(app)))
