"""Query parameters of lists."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from showreel.edge.paging import MAX_CURSOR_LENGTH

WorkspaceId = Annotated[str, Query(alias="workspaceId", min_length=1, max_length=128)]
AnyWorkspaceId = Annotated[str | None, Query(alias="workspaceId", min_length=1, max_length=128)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=MAX_CURSOR_LENGTH)]
