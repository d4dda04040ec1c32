"""What clients of the routed endpoints send: documented names, bounded, unknown fields ignored."""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

MediaType = Literal["image", "video", "audio", "text"]


def _printable(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("must be printable characters")
    return text


Id = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_printable)]
ModelId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_printable)]


class RoutedRequest(BaseModel):
    """What the endpoints of queued vendors take. A field sent as null counts as not sent."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, defer_build=True, protected_namespaces=()
    )

    model_id: ModelId = Field(validation_alias=AliasChoices("modelId", "model_id"))
    inputs: dict[str, Any] = Field(
        default_factory=dict, description="the fields of the model's own form; see model-catalog"
    )
    workspace_id: Id | None = Field(
        default=None,
        validation_alias=AliasChoices("workspace_id", "workspaceId"),
        description="who pays; else the caller's first workspace",
    )
    project_id: Id | None = Field(
        default=None, validation_alias=AliasChoices("project_id", "projectId")
    )
    strict: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="no other model instead of this one, ever"
    )
    user_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = Field(
        default=None, description="for whom a service acts"
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}

    @property
    def digest(self) -> str:
        """What tells this request from another one with the same key."""
        wanted = self.model_dump(include={"model_id", "inputs", "project_id", "strict"})
        text = json.dumps(wanted, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


class FalRequest(RoutedRequest):
    """Body of `POST /functions/v1/fal-stream`."""

    media_type: MediaType | None = Field(
        default=None, validation_alias=AliasChoices("media_type", "mediaType")
    )
    request_id: Key | None = Field(
        default=None,
        validation_alias=AliasChoices("request_id", "requestId"),
        description="the same one with the same body gives the same stream again",
    )


class GmiRequest(RoutedRequest):
    """Body of `POST /functions/v1/gmi-execute`. `modelId` is needed to submit only."""

    model_id: ModelId = Field(default="", validation_alias=AliasChoices("modelId", "model_id"))
    workspace_id: Id | None = Field(
        default=None,
        validation_alias=AliasChoices("workspaceId", "workspace_id"),
        description="who pays; else the caller's first workspace",
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
