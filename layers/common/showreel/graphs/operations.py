"""What Transform and Combine nodes can do: each operation's inputs and parameters.

Parameters have one name in snake_case and are also taken in camelCase. Times are seconds of the
source, sizes pixels of the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from showreel.core.models import FrozenModel
from showreel.graphs.handles import Handle
from showreel.graphs.kinds import squashed
from showreel.graphs.models import DataType

MAX_SECONDS = 3600
Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]
Side = Annotated[int, Field(ge=16, le=4096)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Volume = Annotated[float, Field(ge=0, le=4, allow_inf_nan=False)]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"]
Ratio = Literal["16:9", "9:16", "1:1", "4:3", "3:4", "4:5", "21:9"]


class Parameters(FrozenModel):
    """Base of an operation's parameters."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, loc_by_alias=False)


class Span(Parameters):
    """A part of the source: up to `end_seconds`, `duration_seconds` long, or all that is left."""

    start_seconds: Seconds = 0
    end_seconds: Seconds | None = None
    duration_seconds: Annotated[Seconds, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_seconds is not None and self.duration_seconds is not None:
            raise ValueError("either end_seconds or duration_seconds, not both")
        if self.end_seconds is not None and self.end_seconds <= self.start_seconds:
            raise ValueError("end_seconds must be after start_seconds")
        return self


class Trim(Span):
    """Parameters of `trim`."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.start_seconds and self.end_seconds is None and self.duration_seconds is None:
            raise ValueError("needs start_seconds, end_seconds or duration_seconds")
        return self


class Concat(Parameters):
    """Parameters of `concat`. The first video's shape and rate are the result's."""

    transition: Literal["cut", "crossfade"] = "cut"


class Speed(Parameters):
    """Parameters of `speed`: 2 is twice as fast. The sound keeps its pitch."""

    factor: float = Field(ge=0.25, le=4, allow_inf_nan=False)


class Resize(Parameters):
    """Parameters of `resize`. With one side the other follows; `fit` is how both are met."""

    width: Side | None = None
    height: Side | None = None
    fit: Literal["contain", "cover", "stretch"] = "contain"

    @model_validator(mode="after")
    def _some_side(self) -> Self:
        if self.width is None and self.height is None:
            raise ValueError("needs width, height or both")
        return self


class Crop(Parameters):
    """Parameters of `crop`: a box of the source, or the largest one of a ratio in its middle."""

    x: int = Field(default=0, ge=0, le=8192)
    y: int = Field(default=0, ge=0, le=8192)
    width: Side | None = None
    height: Side | None = None
    aspect_ratio: Ratio | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        sides = {self.width is None, self.height is None}
        if len(sides) > 1 or (self.width is None) == (self.aspect_ratio is None):
            raise ValueError("needs either width and height, or aspect_ratio")
        return self


class ExtractFrame(Parameters):
    """Parameters of `extract-frame`: `at_seconds`, else `position`."""

    at_seconds: Seconds | None = None
    position: Literal["first", "middle", "last"] = "first"


class ExtractAudio(Parameters):
    """Parameters of `extract-audio`."""

    format: Literal["m4a", "wav"] = "m4a"


class Overlay(Parameters):
    """Parameters of `overlay`. `scale` and `margin` are shares of the base's width."""

    position: Corner = "bottom-right"
    scale: Share = 0.2
    margin: Annotated[float, Field(ge=0, le=0.5, allow_inf_nan=False)] = 0.03
    opacity: Share = 1
    start_seconds: Seconds = 0
    end_seconds: Seconds | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_seconds is not None and self.end_seconds <= self.start_seconds:
            raise ValueError("end_seconds must be after start_seconds")
        return self


class MixAudio(Parameters):
    """Parameters of `mix-audio`. Without a video the result is a sound, as long as the longest."""

    volume: Volume = 1
    """Of the sounds."""
    original_volume: Volume = 1
    """Of what the video itself sounds like; 0 replaces it."""
    is_looped: bool = Field(default=True, alias="loop")
    """Whether a sound that is shorter than the video begins again."""
    fade_out_seconds: Annotated[float, Field(ge=0, le=30, allow_inf_nan=False)] = 1


class Reverse(Parameters):
    """`reverse` has no parameters."""


class ToGif(Span):
    """Parameters of `to-gif`."""

    width: Annotated[int, Field(ge=16, le=800)] = 480
    fps: Annotated[int, Field(ge=1, le=30)] = 12
    duration_seconds: Annotated[float, Field(gt=0, le=30, allow_inf_nan=False)] | None = None


@dataclass(frozen=True)
class Operation:
    """One thing that FFmpeg does. Without `output` the result is of the first input's type."""

    name: str
    description: str
    parameters: type[Parameters]
    handles: tuple[Handle, ...]
    output: DataType | None = None
    least_inputs: int = 1
    """Of all handles together."""
    seconds: float = 8
    """What it usually takes."""


def _one(*types: DataType) -> tuple[Handle, ...]:
    aliases = ("media", "source", "clip", "url", *(f"{one}_url" for one in types), *types)
    return (Handle(name="input", types=types, required=True, aliases=aliases),)


_INPUTS = Handle(
    name="inputs",
    types=("video", "audio"),
    is_list=True,
    required=True,
    aliases=("input", "videos", "clips", "audios", "video", "audio", "media", "urls", "video_urls"),
    description="two or more of one type, in their order",
)
_BASE = Handle(
    name="base",
    types=("video", "image"),
    required=True,
    aliases=("input", "video", "background", "source", "media"),
    description="what it is laid on",
)
_OVERLAY = Handle(
    name="overlay",
    types=("image", "video"),
    required=True,
    aliases=("logo", "image", "foreground", "watermark"),
    description="what is laid on it",
)
_VIDEO = Handle(
    name="video",
    types=("video",),
    aliases=("input", "base", "media", "source", "clip", "video_url"),
    description="what sounds are laid under",
)
_AUDIO = Handle(
    name="audio",
    types=("audio",),
    is_list=True,
    required=True,
    aliases=("audios", "music", "sound", "sounds", "tracks", "voice", "audio_url", "audio_urls"),
    description="one or more sounds",
)
OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("trim", "Keeps a part", Trim, _one("video", "audio")),
        Operation(
            "concat", "Joins videos, or sounds", Concat, (_INPUTS,), least_inputs=2, seconds=15
        ),
        Operation("speed", "Plays faster or slower", Speed, _one("video", "audio"), seconds=12),
        Operation("resize", "Changes the size", Resize, _one("video", "image"), seconds=12),
        Operation("crop", "Keeps a box of the picture", Crop, _one("video", "image"), seconds=12),
        Operation(
            "extract-frame",
            "Takes one picture of a video",
            ExtractFrame,
            _one("video"),
            "image",
            seconds=4,
        ),
        Operation(
            "extract-audio",
            "Takes the sound of a video",
            ExtractAudio,
            _one("video"),
            "audio",
            seconds=4,
        ),
        Operation(
            "overlay",
            "Lays a picture or a video on another",
            Overlay,
            (_BASE, _OVERLAY),
            least_inputs=2,
            seconds=15,
        ),
        Operation(
            "mix-audio",
            "Lays sounds under a video, or on each other",
            MixAudio,
            (_VIDEO, _AUDIO),
            least_inputs=2,
            seconds=10,
        ),
        Operation("reverse", "Plays backwards", Reverse, _one("video", "audio"), seconds=12),
        Operation("to-gif", "Makes an animated GIF", ToGif, _one("video"), "image", seconds=10),
    )
}
_BY_NAME = {squashed(name): operation for name, operation in OPERATIONS.items()}


def operation_of(name: object) -> Operation | None:
    """Returns the operation that a name stands for, in any spelling."""
    return _BY_NAME.get(squashed(name)) if isinstance(name, str) else None
