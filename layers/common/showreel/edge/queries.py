"""Query parameters that several functions take.

A cursor's length isn't limited here: every bad cursor is answered with `invalid_cursor`.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

__all__ = ["AnyWorkspaceId", "Cursor", "JobId", "Limit", "Query", "RunId", "WorkspaceId"]

WorkspaceId = Annotated[str, Query(alias="workspaceId", min_length=1, max_length=128)]
AnyWorkspaceId = Annotated[str | None, Query(alias="workspaceId", min_length=1, max_length=128)]
JobId = Annotated[str, Query(min_length=1, max_length=128)]
RunId = Annotated[str, Query(min_length=1, max_length=128)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(description="`nextCursor` of the page before")]
