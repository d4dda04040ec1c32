"""GET /api/openapi.json and GET /docs: the API's document, as JSON and as a page."""

from pathlib import Path

from showreel.edge.api import Response, api, base_url
from showreel.edge.documents import Documents, answer
from showreel.edge.streaming.opening import Opening

app = api()
opening = Opening(app)
handler = opening.handle
documents = Documents(Path(__file__).parent)


@app.get("/api/openapi.json")
def get_document() -> Response:
    """The OpenAPI 3.1 document of this API, or 304."""
    return answer(app, opening, documents.openapi(base_url(app)))


@app.get("/docs")
def get_page() -> Response:
    """A page for people that shows the document, or 304. Nothing of it comes from elsewhere."""
    return answer(app, opening, documents.page)


@app.get("/docs/redoc.js")
def get_script() -> Response:
    """The script of that page, or 304."""
    return answer(app, opening, documents.script)
