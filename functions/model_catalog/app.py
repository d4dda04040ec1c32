"""GET /functions/v1/model-catalog and node-catalog: models and nodes with inputs and prices."""

from typing import Annotated

from showreel.catalog import listing
from showreel.catalog import responses as models
from showreel.catalog.models import MediaType
from showreel.edge.api import Response, api
from showreel.edge.etags import tagged
from showreel.edge.queries import Cursor, Query
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve
Filter = Annotated[str | None, Query(min_length=1, max_length=100)]


@app.get("/functions/v1/model-catalog")
def list_models(
    media_type: Annotated[MediaType | None, Query(alias="mediaType")] = None,
    workflow_type: Annotated[str | None, Query(alias="workflowType", max_length=100)] = None,
    provider: Filter = None,
    search: Filter = None,
    limit: Annotated[int | None, Query(ge=1, le=1000)] = None,
    cursor: Cursor = None,
    include_retired: Annotated[bool, Query(alias="includeRetired")] = False,
) -> Response:
    """Lists models, or answers 304. Without `limit` all of them; else `Link` is the next page."""
    current_caller(app)
    query = listing.Query(
        media_type, workflow_type, provider, search, limit, cursor, include_retired
    )
    return models.answer(app, query)


@app.get("/functions/v1/node-catalog")
def get_node_catalog() -> Response:
    """Returns what an editor of graphs can be built on, or answers 304."""
    from showreel.graphs.node_catalog import listing as nodes  # models don't need it

    current_caller(app)
    return tagged(app, nodes().body, nodes().etag)
