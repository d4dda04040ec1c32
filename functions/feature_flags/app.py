"""GET /functions/v1/feature-flags: the flags that an operator has set for clients."""

from showreel.edge.api import Response, api, json_response
from showreel.identity import current_caller
from showreel.storyboards.flags import flags

app = api(current_caller)
handler = app.resolve


@app.get("/functions/v1/feature-flags")
def read() -> Response:
    """`ENABLE_SHOT_STREAM`: without it gen-shots answers 409 and shots are created one by one;
    `ENABLE_STREAM_TELEMETRY`: whether clients log how late events are. Each also as `VITE_…`.
    """
    return json_response(200, flags().named())
