"""GET /api/video-templates: ready structures for a film, and the rooms a clip may show."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.edge.api import api, json_response
from showreel.films.projects.responses import templates_view
from showreel.identity import current_caller

app = api(current_caller)


@app.get("/api/video-templates")
def list_templates() -> Response[Any]:
    """All of them."""
    current_caller(app)
    return json_response(200, templates_view())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
