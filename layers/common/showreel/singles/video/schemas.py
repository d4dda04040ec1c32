"""What clients send, in the documents' own snake_case: bounded, unknown fields ignored."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from showreel.core.text import plain_text

AspectRatio = Literal["16:9", "9:16", "1:1"]
MediaUrl = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Prompt = Annotated[
    str, StringConstraints(min_length=1, max_length=2500), AfterValidator(plain_text)
]
Seconds = Annotated[
    float,
    Field(strict=True, gt=0, le=60, description="snapped to what the model makes"),
]
IMAGE_NAMES = AliasChoices("image_url", "source_image_url")
DURATION_NAMES = AliasChoices("duration", "duration_seconds")
RESPONSES: Any = {
    200: {"description": "The video"},
    202: {"description": "Still being made: poll `Location`"},
}
"""What the OpenAPI document tells of an order's answers."""


class VideoOrder(BaseModel):
    """What both endpoints take. A field sent as null counts as not sent."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    prompt: Prompt
    workspace_id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    image_url: MediaUrl | None = Field(default=None, validation_alias=IMAGE_NAMES)
    end_image_url: MediaUrl | None = Field(default=None, description="the last frame")
    before_image_url: MediaUrl | None = Field(
        default=None, description="for `before_after`: the first frame; `image_url` is the last"
    )
    video_type: Name | None = None
    model: Name | None = None
    aspect_ratio: AspectRatio | None = None
    duration: Seconds | None = Field(default=None, validation_alias=DURATION_NAMES)
    user_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = Field(
        default=None, description="for whom a service acts"
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        """The documented name and its alias: the one that has a value counts."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


class InteriorVideo(VideoOrder):
    """Body of `POST /functions/v1/generate-interior-video-v2`."""

    image_url: MediaUrl = Field(validation_alias=IMAGE_NAMES)

    @model_validator(mode="after")
    def _is_routable(self) -> Self:
        if self.model is None and self.video_type is None:
            raise PydanticCustomError("model_required", "one of video_type or model is required")
        return self


class SocialVideo(VideoOrder):
    """Body of `POST /functions/v1/generate-social-video`."""
