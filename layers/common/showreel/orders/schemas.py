"""Request bodies of the routed endpoints: documented names, bounded, unknown fields ignored."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, StringConstraints

from showreel.core.ids import digest_of
from showreel.core.wire import OrderBody
from showreel.edge.fields import UserId


def _printable(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("must be printable characters")
    return text


def _always(stored: bool | None) -> bool | None:
    if stored is False:
        raise ValueError("every file is stored")
    return stored


Id = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_printable)]
ModelId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
RequestKey = Annotated[
    str, StringConstraints(min_length=1, max_length=255), AfterValidator(_printable)
]


class RoutedRequest(OrderBody):
    """The request body of the endpoints of vendors with queues."""

    model_config = ConfigDict(protected_namespaces=())

    model_id: ModelId = Field(validation_alias=AliasChoices("modelId", "model_id"))
    inputs: dict[str, Any] = Field(
        default_factory=dict, description="the fields of the model's own form; see model-catalog"
    )
    workspace_id: Id | None = Field(
        default=None,
        validation_alias=AliasChoices("workspace_id", "workspaceId"),
        description="who pays; else the caller's default workspace",
    )
    project_id: Id | None = Field(
        default=None, validation_alias=AliasChoices("project_id", "projectId")
    )
    strict: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="no other model instead of this one, ever"
    )
    auto_store: Annotated[bool | None, AfterValidator(_always)] = Field(
        default=None,
        validation_alias=AliasChoices("auto_store", "autoStore"),
        description="every file is stored; false is refused",
    )
    user_id: UserId = None

    @property
    def digest(self) -> str:
        """Hash of the request, to refuse another one with the same key."""
        wanted = self.model_dump(include={"model_id", "inputs", "project_id", "strict"})
        return digest_of(wanted)
