"""GET /api/health: the function, its layer and its configuration load."""

from showreel.edge.api import Response, api, json_response

app = api()
handler = app.resolve


@app.get("/api/health")
def health() -> Response:
    """Needs no token and touches no data."""
    return json_response(200, {"success": True, "status": "ok"}, cache_control="no-store")
