"""GET /functions/v1/node-catalog: the kinds of nodes, their handles, parameters and prices."""

from showreel.edge.api import Response, api
from showreel.edge.etags import tagged
from showreel.graphs.node_catalog import listing
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.get("/functions/v1/node-catalog")
def get_node_catalog() -> Response:
    """Tells what an editor of graphs can be built on, or answers 304."""
    current_caller(app)
    found = listing()
    return tagged(app, found.body, found.etag)
