"""GET /api/health: the function, its layer and its configuration load."""

from typing import Any

from showreel.edge.api import Response, api, json_response

app = api()


@app.get("/api/health")
def health() -> Response[Any]:
    """Needs no token and touches no data."""
    return json_response(200, {"success": True, "status": "ok"}, cache_control="no-store")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    return app.resolve(event, context)
