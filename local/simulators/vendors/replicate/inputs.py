"""What Replicate's models take, as their schema pages say, and what clip comes of it.

A model ignores inputs it doesn't know. What its schema can't express it finds while it runs.
"""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.simulators.pictures import PictureRefused, load_picture, picture_size
from local.simulators.rendering import RenderOrder
from local.simulators.vendors.replicate.errors import ReplicateError, invalid

Uri = Annotated[str, Field(pattern="^(https?://|data:)", json_schema_extra={"format": "uri"})]
Size = tuple[int, int]

_LONGEST_PROMPT = 2500
_GEN4_SIZES: dict[str, Size] = {
    "16:9": (1280, 720),
    "9:16": (720, 1280),
    "4:3": (1104, 832),
    "3:4": (832, 1104),
    "1:1": (960, 960),
    "21:9": (1584, 672),
}
_KLING_720P: dict[str, Size] = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960)}
_KLING_1080P: dict[str, Size] = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1440, 1440)}


class _Input(BaseModel):
    """What all have. Each makes an `order`, which fetches its pictures.

    An order raises PictureRefused for everything that only a run can find.
    """

    model_config = ConfigDict(strict=True, extra="ignore", title="Input")

    prompt: str


class Wan(_Input):
    """`wavespeedai/wan-2.1-i2v-720p`: frames and their rate instead of a duration."""

    image: Uri
    negative_prompt: str = ""
    num_frames: int = Field(default=81, ge=5, le=100)
    max_area: Literal["1280x720", "720x1280"] = "1280x720"
    frames_per_second: int = Field(default=16, ge=5, le=24)
    aspect_ratio: Literal["16:9", "9:16"] = "16:9"
    fast_mode: Literal["Off", "Balanced", "Fast"] = "Off"
    sample_steps: int = Field(default=30, ge=1, le=40)
    sample_guide_scale: float = Field(default=5, le=10)
    sample_shift: float = Field(default=5, ge=1, le=10)
    seed: int | None = None

    def order(self) -> RenderOrder:
        """Returns the picture's own ratio within `max_area`, in steps of 16 pixels as Wan's code
        has it.
        """
        first = _picture(self.image)
        width, height = picture_size(first)
        area = math.prod(int(side) for side in self.max_area.split("x"))
        return RenderOrder(
            prompt=self.prompt,
            seconds=math.ceil(self.num_frames / self.frames_per_second),
            first=first,
            frames_per_second=self.frames_per_second,
            frame_count=self.num_frames,
            size=(_side(area * width / height), _side(area * height / width)),
        )


class Gen4(_Input):
    """`runwayml/gen4-turbo`: the ratio is asked for, whatever the picture's."""

    image: Uri
    duration: Literal[5, 10] = 5
    aspect_ratio: Literal["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"] = "16:9"
    seed: int | None = None

    def order(self) -> RenderOrder:
        """720p in the wanted ratio."""
        return RenderOrder(
            prompt=self.prompt,
            seconds=self.duration,
            first=_picture(self.image),
            size=_GEN4_SIZES[self.aspect_ratio],
        )


class _KlingInput(_Input):
    negative_prompt: str = ""
    start_image: Uri | None = None
    end_image: Uri | None = None
    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"

    def _order(self, seconds: int, sizes: dict[str, Size], *, sound: bool = False) -> RenderOrder:
        _demand(len(self.prompt) <= _LONGEST_PROMPT, "The prompt is too long.")
        first = _picture(self.start_image) if self.start_image else None
        last = _picture(self.end_image) if self.end_image else None
        seen = first or last
        return RenderOrder(
            prompt=self.prompt,
            seconds=seconds,
            sound=sound,
            first=first,
            last=last,
            size=sizes[_nearest(picture_size(seen), sizes) if seen else self.aspect_ratio],
        )


class Kling3(_KlingInput):
    """`kwaivgi/kling-v3-video`."""

    mode: Literal["standard", "pro"] = "pro"
    duration: int = Field(default=5, ge=3, le=15)
    generate_audio: bool = False

    def order(self) -> RenderOrder:
        """Returns an end picture needs a first one; the first one decides the ratio."""
        has_both = bool(self.start_image) or not self.end_image
        _demand(has_both, "end_image requires start_image.")
        sizes = _KLING_1080P if self.mode == "pro" else _KLING_720P
        return self._order(self.duration, sizes, sound=self.generate_audio)


class Kling16(_KlingInput):
    """`kwaivgi/kling-v1.6-pro`."""

    cfg_scale: float = Field(default=0.5, ge=0, le=1)
    duration: Literal[5, 10] = 5

    def order(self) -> RenderOrder:
        """It can't do without any picture."""
        _demand(bool(self.start_image or self.end_image), "A start or end image is required.")
        return self._order(self.duration, _KLING_1080P)


ModelInput = Wan | Gen4 | Kling3 | Kling16


def read_input(kind: type[ModelInput], value: dict[str, object]) -> ModelInput:
    """Returns the input by its schema. Raises ReplicateError with every field that is wrong."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: ValidationError) -> ReplicateError:
    return invalid([_field(problem) for problem in error.errors(include_url=False)])


def _field(problem: object) -> tuple[str, str, str]:
    """Returns one of pydantic's problems in the words of the vendor's schema checker."""
    assert isinstance(problem, dict)  # noqa: S101  it is a TypedDict
    name, context = str(problem["loc"][0]), problem.get("ctx", {})
    match problem["type"]:
        case "missing":
            return "required", "input", f"{name} is required"
        case "literal_error":
            allowed = str(context["expected"]).replace(" or ", ", ").replace("'", '"')
            return "enum", f"input.{name}", f"{name} must be one of the following: {allowed}"
        case "less_than_equal":
            text = f"Must be less than or equal to {context['le']:g}"
            return "number_lte", f"input.{name}", text
        case "greater_than_equal":
            text = f"Must be greater than or equal to {context['ge']:g}"
            return "number_gte", f"input.{name}", text
        case "string_pattern_mismatch":
            return "format", f"input.{name}", "Does not match format 'uri'"
        case _:
            return "invalid_type", f"input.{name}", f"Invalid type. {problem['msg']}"


def _picture(uri: str) -> bytes:
    try:
        return load_picture(uri.partition(",")[2] if uri.startswith("data:") else uri)
    except PictureRefused as refusal:
        raise PictureRefused(f"{refusal} (E006)") from refusal


def _demand(is_right: bool, text: str) -> None:
    if not is_right:
        raise PictureRefused(f"{text} (E006)")


def _side(square: float) -> int:
    return max(int(math.sqrt(square)) // 16 * 16, 16)


def _nearest(picture: Size, sizes: dict[str, Size]) -> str:
    own = picture[0] / picture[1]
    ratios = {name: width / height for name, (width, height) in sizes.items()}
    return min(ratios, key=lambda name: max(own / ratios[name], ratios[name] / own))
