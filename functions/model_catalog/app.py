"""GET /functions/v1/model-catalog: which models there are, what they take and what they cost."""

from typing import Annotated

from showreel.catalog import listing
from showreel.catalog import responses as models
from showreel.catalog.models import MediaType
from showreel.edge.api import Response, api
from showreel.edge.queries import Cursor, Query
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve
Word = Annotated[str | None, Query(min_length=1, max_length=100)]


@app.get("/functions/v1/model-catalog")
def list_models(
    media_type: Annotated[MediaType | None, Query(alias="mediaType")] = None,
    workflow_type: Annotated[str | None, Query(alias="workflowType", max_length=100)] = None,
    provider: Word = None,
    search: Word = None,
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
