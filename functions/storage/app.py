"""GET and HEAD /storage/v1/object/public/{bucket}/{file}: the permanent media URLs.

Unauthenticated by design: the file's name is the secret. The answer leads to a URL that lives for
minutes and works for this method only, so it must not be kept.
"""

from showreel.assets import service
from showreel.edge.api import Response, api

app = api()
handler = app.resolve


@app.get("/storage/v1/object/public/<bucket>/<file>")
@app.head("/storage/v1/object/public/<bucket>/<file>")
def redirect(bucket: str, file: str) -> Response:
    """302 to the signed URL, or 404."""
    event = app.current_event
    accept = event.headers.get("accept") or ""
    location = service.open_public(bucket, file, event.http_method, accept)
    return Response(302, headers={"Location": location, "Cache-Control": "no-store"})
