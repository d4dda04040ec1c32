"""GET /api/health: the function, its layer and its configuration load."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.edge.api import api, json_response

app = api()


@app.get("/api/health")
def health() -> Response[Any]:
    """Needs no token and touches no data."""
    return json_response(200, {"success": True, "status": "ok"}, cache_control="no-store")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
