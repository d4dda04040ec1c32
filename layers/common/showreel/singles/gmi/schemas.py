"""The request body of gmi-execute."""

from typing import Any, Literal

from pydantic import AliasChoices, Field

from showreel.orders.schemas import Id, ModelId, RoutedRequest


def _without_default(schema: dict[str, Any]) -> None:
    """Removes the default, which stands for a missing value and can't be sent."""
    del schema["default"]


class GmiRequest(RoutedRequest):
    """Body of `POST /functions/v1/gmi-execute`. `modelId` is needed to submit only."""

    model_id: ModelId = Field(
        default="",
        validation_alias=AliasChoices("modelId", "model_id"),
        json_schema_extra=_without_default,
    )
    workspace_id: Id | None = Field(
        default=None,
        validation_alias=AliasChoices("workspaceId", "workspace_id"),
        description="who pays; else the caller's default workspace",
    )
    project_id: Id | None = Field(
        default=None, validation_alias=AliasChoices("projectId", "project_id")
    )
    action: Literal["submit", "poll"] = "submit"
    request_id: Id | None = Field(
        default=None,
        validation_alias=AliasChoices("requestId", "request_id"),
        description="for `poll`: what `submit` has answered",
    )
