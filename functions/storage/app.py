"""GET and HEAD /storage/v1/object/public/{bucket}/{file}: the permanent media URLs.

Unauthenticated by design: the file's name is the secret. The answer leads to a URL that lives for
minutes and works for this method only, so it must not be kept.
"""

from typing import Any

from showreel.assets import service
from showreel.edge.api import Response, api

app = api()


@app.get("/storage/v1/object/public/<bucket>/<file>")
@app.head("/storage/v1/object/public/<bucket>/<file>")
def redirect(bucket: str, file: str) -> Response[Any]:
    """302 to the signed URL, or 404."""
    location = service.open_public(bucket, file, app.current_event.http_method)
    return Response(302, headers={"Location": location, "Cache-Control": "no-store"})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    return app.resolve(event, context)
