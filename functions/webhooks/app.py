"""POST /webhooks/{provider}: takes a vendor's notice that a job has ended, as a hint to poll."""

from showreel.edge.api import Response, api, json_response
from showreel.generation.engine import jobs
from showreel.generation.webhooks_in import receive
from showreel.providers.webhooks import raw_body

app = api()
handler = app.resolve


@app.post("/webhooks/<provider>")
def webhook(provider: str) -> Response:
    """200 for everything understood, new or not; 401 for a URL or a signature that isn't right."""
    event = app.current_event
    body = raw_body(event.body, is_base64=bool(event.is_base64_encoded))
    receive(jobs(), provider, event.headers, body, event.query_string_parameters)
    return json_response(200, {"received": True})
