"""What clients of the routed endpoints send: documented names, bounded, unknown fields ignored."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from showreel.core.ids import digest_of


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
        return digest_of(wanted)
