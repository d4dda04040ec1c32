"""What Kling accepts as a video order, field by field and in combination."""

from collections.abc import Container
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from local.simulators.pictures import PictureRefused, checked, decoded_picture, is_address
from local.simulators.vendors.kling.errors import KlingError
from local.simulators.vendors.kling.models import MODELS, Model

Prompt = Annotated[str, Field(max_length=2500)]
Degree = Annotated[float, Field(ge=-10, le=10)]


class Strict(BaseModel):
    """Numbers are numbers and texts are texts; unknown fields are ignored, as the vendor does."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())


class CameraConfig(Strict):
    """How far a simple camera movement goes; exactly one is not zero."""

    horizontal: Degree = 0.0
    vertical: Degree = 0.0
    pan: Degree = 0.0
    tilt: Degree = 0.0
    roll: Degree = 0.0
    zoom: Degree = 0.0


class CameraControl(Strict):
    """A camera movement; only a simple one has a config."""

    type: Literal["simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"]
    config: CameraConfig | None = None

    @model_validator(mode="after")
    def _has_one_movement(self) -> Self:
        values = self.config.model_dump().values() if self.config else []
        if sum(value != 0 for value in values) != (1 if self.type == "simple" else 0):
            raise ValueError("camera_control config is invalid")
        return self


class Watermark(Strict):
    """Whether a watermarked copy is wanted too."""

    enabled: bool = False


class VideoOrder(Strict):
    """The fields both sorts of order have."""

    model_name: str = "kling-v1"
    prompt: Prompt | None = None
    negative_prompt: Prompt | None = None
    cfg_scale: float | None = Field(default=None, ge=0, le=1)
    mode: Literal["std", "pro"] = "std"
    duration: str = "5"
    sound: Literal["on", "off"] = "off"
    camera_control: CameraControl | None = None
    watermark_info: Watermark | None = None
    callback_url: str | None = Field(default=None, pattern=r"^https?://", max_length=2048)
    external_task_id: str | None = Field(default=None, max_length=256)

    def check(self, family: str, gone: Container[str]) -> Model:
        """Returns the model that will do it. Raises KlingError if it can't."""
        if self.model_name in gone:
            raise KlingError(1203, f"model {self.model_name} has been discontinued")
        if self.model_name not in MODELS:
            raise KlingError(1203, f"model {self.model_name} does not exist")
        model = MODELS[self.model_name]
        demand(family in model.families, f"model {self.model_name} is not supported here")
        demand(self.duration in model.durations, f"duration value '{self.duration}' is invalid")
        can_sound = model.makes_sound and self.mode == "pro"
        demand(self.sound == "off" or can_sound, "sound is not supported by this model and mode")
        return model


class TextOrder(VideoOrder):
    """An order without a picture."""

    prompt: Prompt = Field(min_length=1)
    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"


class ImageOrder(VideoOrder):
    """An order with a picture to begin with, one to end with, or both."""

    image: str | None = None
    image_tail: str | None = None
    static_mask: str | None = None
    dynamic_masks: list[dict[str, object]] | None = Field(default=None, max_length=6)

    def check(self, family: str, gone: Container[str]) -> Model:
        """Returns the model that will do it. Raises KlingError if it can't."""
        model = super().check(family, gone)
        demand(bool(self.image or self.image_tail), "image and image_tail cannot both be empty")
        if self.image_tail:
            can_end = model.takes_tail and self.mode == "pro"
            demand(can_end, "image_tail is not supported by this model and mode")
        demand(self._ways_to_steer() <= 1, "image_tail, masks and camera_control exclude another")
        for picture in (self.image, self.image_tail):
            check_inline(picture)
        return model

    def _ways_to_steer(self) -> int:
        both_ends = bool(self.image and self.image_tail)
        masks = bool(self.static_mask or self.dynamic_masks)
        return both_ends + masks + bool(self.camera_control)


def read_order(family: str, raw: bytes) -> VideoOrder:
    """Returns the order in a request body. Raises KlingError."""
    kind: type[VideoOrder] = ImageOrder if family == "image2video" else TextOrder
    return parsed(kind, raw)


def parsed[Kind: BaseModel](kind: type[Kind], raw: bytes) -> Kind:
    """Returns a request body of that kind. Raises KlingError, which names the first wrong field."""
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in problem["loc"]) or "body"
        raise KlingError(1201, f"{field} is invalid: {problem['msg']}") from error


def check_inline(picture: str | None) -> None:
    """Raises KlingError for a bad picture in base64; one behind an address is looked at later."""
    if not picture or is_address(picture):
        return
    try:
        checked(decoded_picture(picture))
    except PictureRefused as refusal:
        raise KlingError(1201, str(refusal)) from refusal


def demand(is_right: bool, text: str) -> None:
    """Raises KlingError for parameters that aren't right."""
    if not is_right:
        raise KlingError(1201, text)
