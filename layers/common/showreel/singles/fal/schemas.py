"""The request body of fal-stream."""

from typing import Literal

from pydantic import AliasChoices, Field

from showreel.orders.schemas import RequestKey, RoutedRequest

MediaType = Literal["image", "video", "audio", "text"]


class FalRequest(RoutedRequest):
    """Body of `POST /functions/v1/fal-stream`."""

    media_type: MediaType | None = Field(
        default=None, validation_alias=AliasChoices("media_type", "mediaType")
    )
    request_id: RequestKey | None = Field(
        default=None,
        validation_alias=AliasChoices("request_id", "requestId"),
        description="the same one with the same body gives the same stream again",
    )
