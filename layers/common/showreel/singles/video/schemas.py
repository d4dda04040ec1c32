"""Request bodies of the video endpoints, in snake_case: bounded, unknown fields ignored."""

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from showreel.core.ids import digest_of
from showreel.core.wire import OrderBody
from showreel.edge.fields import MediaUrl, Prompt, UserId

AspectRatio = Literal["16:9", "9:16", "1:1"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Seconds = Annotated[
    float, Field(strict=True, gt=0, le=60, description="snapped to what the model makes")
]
IMAGE_NAMES = AliasChoices("image_url", "source_image_url")
DURATION_NAMES = AliasChoices("duration", "duration_seconds")
RESPONSES: Any = {
    200: {"description": "The video"},
    202: {"description": "Still being made: poll `Location`"},
}
"""The responses to an order, for the OpenAPI document."""


class VideoOrder(OrderBody):
    """Fields that both endpoints take."""

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
    user_id: UserId = None

    @property
    def frames(self) -> tuple[str | None, str | None]:
        """The first and last frame. With `before_image_url`, `image_url` is the last one."""
        if self.before_image_url is not None:
            return self.before_image_url, self.image_url
        return self.image_url, self.end_image_url

    @property
    def digest(self) -> str:
        """The hash of what is ordered; the same key with another digest is refused."""
        return digest_of(self.model_dump(exclude={"workspace_id", "user_id"}))


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
