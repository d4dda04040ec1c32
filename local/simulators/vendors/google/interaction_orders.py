"""What Gemini Omni accepts as an order by an interaction."""

import json
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.simulators.rendering import RenderOrder
from local.simulators.vendors.google.errors import CodeError
from local.simulators.vendors.google.tasks import clip_size, inline_picture

MODELS = {"gemini-omni-1.1-flash": 0.10}
"""US dollars a second."""

_SECONDS = re.compile(r"(\d{1,2})s\Z")
_MOST_PICTURES = 2


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Text(_Strict):
    """Words."""

    type: Literal["text"]
    text: str


class Picture(_Strict):
    """A picture in base64. Addresses are for files of the vendor's own, which nobody has here."""

    type: Literal["image"]
    data: str
    mime_type: Literal["image/jpeg", "image/png"]


Content = Annotated[Text | Picture, Field(discriminator="type")]


class UserInput(_Strict):
    """A turn of the customer's."""

    type: Literal["user_input"]
    content: list[Content]


class VideoFormat(_Strict):
    """What the video should be like."""

    type: Literal["video"]
    aspect_ratio: Literal["16:9", "9:16"] = "16:9"
    resolution: Literal["360p", "720p", "1080p"] = "720p"
    duration: str = "10s"
    delivery: Literal["inline", "uri"] = "inline"

    @property
    def seconds(self) -> int:
        """How long. Raises CodeError if it can't be."""
        found = _SECONDS.match(self.duration)
        if found is None or not 3 <= int(found[1]) <= 10:
            raise CodeError("invalid_request", "duration must be between 3s and 10s")
        return int(found[1])


class VideoConfig(_Strict):
    """What the pictures are for: the first frame, and if there is a second one, the last."""

    task: Literal["text_to_video", "image_to_video"] | None = None


class GenerationConfig(_Strict):
    """How to make it."""

    video_config: VideoConfig = Field(default_factory=VideoConfig)
    seed: int | None = None
    thinking_level: str | None = None


class InteractionOrder(_Strict):
    """A whole order."""

    model: str
    input: str | list[UserInput] | list[Content]
    background: bool = False
    store: bool = True
    stream: Literal[False] = False
    service_tier: str | None = None
    response_modalities: list[Literal["video"]] | None = None
    response_format: VideoFormat = Field(default_factory=lambda: VideoFormat(type="video"))
    generation_config: GenerationConfig = Field(default_factory=GenerationConfig)


@dataclass(frozen=True)
class Wish:
    """What an order comes down to."""

    prompt: str
    pictures: list[bytes]
    content: list[dict[str, object]]
    """The input as the vendor shows it again."""
    video: VideoFormat

    def render_order(self) -> RenderOrder:
        """Returns the clip; this model's always have sound."""
        first, last = (*self.pictures, None, None)[:2]
        size = clip_size(self.video.aspect_ratio, self.video.resolution)
        seconds = self.video.seconds
        return RenderOrder(self.prompt, seconds, sound=True, first=first, last=last, size=size)


def read_order(raw: bytes) -> InteractionOrder:
    """Returns the order in a request body. Raises CodeError."""
    try:
        return InteractionOrder.model_validate_json(raw)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in problem["loc"]) or "body"
        is_unknown = problem["type"] == "extra_forbidden"
        code = "parameter_unknown" if is_unknown else "invalid_request"
        raise CodeError(code, f"{field}: {problem['msg']}") from error


def wish_of(order: InteractionOrder) -> Wish:
    """Returns its words and checked pictures. Raises CodeError."""
    content = _content(order)
    prompt = " ".join(item.text for item in content if isinstance(item, Text))
    pictures = [_decoded(item.data) for item in content if isinstance(item, Picture)]
    task = order.generation_config.video_config.task
    _demand(bool(prompt), "input has no text")
    _demand(len(pictures) <= _MOST_PICTURES, "input has too many images")
    _demand(task != "image_to_video" or bool(pictures), "image_to_video needs an image")
    _demand(task != "text_to_video" or not pictures, "text_to_video takes no image")
    return Wish(prompt, pictures, [item.model_dump() for item in content], order.response_format)


def prompt_of(raw: bytes) -> str:
    """Returns the words of any order, also of one that will be refused."""
    try:
        order = InteractionOrder.model_validate(json.loads(raw))
    except (ValueError, RecursionError):
        return ""
    return " ".join(item.text for item in _content(order) if isinstance(item, Text))


def _content(order: InteractionOrder) -> list[Text | Picture]:
    if isinstance(order.input, str):
        return [Text(type="text", text=order.input)]
    turns = [item.content if isinstance(item, UserInput) else [item] for item in order.input]
    return [item for turn in turns for item in turn]


def _decoded(text: str) -> bytes:
    try:
        return inline_picture(text)
    except ValueError as error:
        raise CodeError("invalid_request", str(error)) from error


def _demand(is_right: bool, text: str) -> None:
    if not is_right:
        raise CodeError("invalid_request", text)
