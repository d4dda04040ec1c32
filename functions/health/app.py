"""GET /api/health: shows that the function loads with its layer, and which vendors are out."""

from showreel.edge.api import Response, api, json_response
from showreel.providers.circuits import circuits

app = api()
handler = app.resolve


@app.get("/api/health")
def health() -> Response:
    """Needs no token and touches no tenant's data."""
    return json_response(200, circuits().health(), cache_control="no-store")
