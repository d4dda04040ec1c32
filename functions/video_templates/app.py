"""GET /api/video-templates: ready structures for a film, and the rooms a clip may show."""

from showreel.edge.api import Response, api, json_response
from showreel.edge.paging import refuse_cursor
from showreel.edge.queries import Cursor
from showreel.films.projects.responses import templates_view
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.get("/api/video-templates")
def list_templates(cursor: Cursor = None) -> Response:
    """All of them, on one page."""
    current_caller(app)
    refuse_cursor(cursor)
    return json_response(200, templates_view())
