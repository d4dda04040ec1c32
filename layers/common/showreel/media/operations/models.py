"""Models of the operations on media: parameters, inputs and results.

Nothing here opens a file, so that requests can be checked without FFmpeg.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import ConfigDict, Field, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

from showreel.core.framing import Fit
from showreel.core.models import FrozenModel
from showreel.media.profile import AspectRatio

MediaKind = Literal["video", "image", "audio"]
ResizeFit = Literal["inside", "auto", "crop", "pad", "stretch"]
OverlayPosition = Literal[
    "top-left",
    "top",
    "top-right",
    "left",
    "center",
    "right",
    "bottom-left",
    "bottom",
    "bottom-right",
]
ConcatTransition = Literal["cut", "fade", "smoothleft", "smoothright", "zoomin", "circleopen"]

MAX_SECONDS = 600.0
"""The longest input, and the longest sum of a concat's inputs."""
MAX_PARTS = 50
"""The most inputs of a concat."""
MAX_SIDE = 4096
MAX_GIF_SECONDS = 20.0

Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS)]
Side = Annotated[int, Field(ge=16, le=MAX_SIDE)]


@dataclass(frozen=True)
class Takes:
    """What goes in under one name: these kinds, at most so many of them."""

    kinds: tuple[MediaKind, ...]
    most: int = 1


InputTypes = Mapping[str, Takes]
ResultType = MediaKind | Literal["same"]


class Parameters(FrozenModel):
    """Base of an operation. Its names are camelCase outside, both are read; others are refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    takes: ClassVar[InputTypes]
    """The inputs by name; all are required."""
    gives: ClassVar[ResultType]
    """The kind of the result; `same` is that of `media`."""


class _Sound(Parameters):
    takes: ClassVar[InputTypes] = {"media": Takes(("video", "audio"))}
    gives: ClassVar[ResultType] = "same"


class _Frame(Parameters):
    takes: ClassVar[InputTypes] = {"media": Takes(("video", "image"))}
    gives: ClassVar[ResultType] = "same"


class Trim(_Sound):
    """A part of a video or sound, exact to the frame or the sample."""

    operation: Literal["trim"] = "trim"
    start_seconds: Seconds = 0
    end_seconds: Seconds | None = None
    duration_seconds: Annotated[float, Field(gt=0, le=MAX_SECONDS)] | None = None

    @model_validator(mode="after")
    def _is_a_part(self) -> Self:
        if self.end_seconds is not None and self.duration_seconds is not None:
            raise ValueError("either endSeconds or durationSeconds, not both")
        if self.end_seconds is not None and self.end_seconds <= self.start_seconds:
            raise ValueError("endSeconds must be after startSeconds")
        return self

    @property
    def end(self) -> float | None:
        """The end of the part in seconds; None is the end of the file."""
        if self.duration_seconds is not None:
            return self.start_seconds + self.duration_seconds
        return self.end_seconds


class Concat(Parameters):
    """Videos or sounds one after another; videos in the first one's size and rate."""

    takes: ClassVar[InputTypes] = {"media": Takes(("video", "audio"), MAX_PARTS)}
    gives: ClassVar[ResultType] = "same"

    operation: Literal["concat"] = "concat"
    transition: ConcatTransition = Field(
        default="cut", description="between two videos; all but a cut overlap them by half a second"
    )
    fit: Fit = Field(default="auto", description="how videos of another shape fill the first one's")


class Speed(_Sound):
    """Faster or slower; sounds keep their pitch."""

    operation: Literal["speed"] = "speed"
    factor: float = Field(ge=0.25, le=4, description="2 is twice as fast")


class Resize(_Frame):
    """Another size, in pixels. A side that isn't given follows from the picture's ratio."""

    operation: Literal["resize"] = "resize"
    width: Side | None = None
    height: Side | None = None
    fit: ResizeFit = Field(
        default="inside",
        description="with both sides: within them, or filling them, cropped or on a blurred "
        "enlargement as films are, or stretched",
    )

    @model_validator(mode="after")
    def _has_a_size(self) -> Self:
        if self.width is None and self.height is None:
            raise ValueError("width or height is required")
        return self


class Crop(_Frame):
    """A part of the picture: a box in pixels, or the largest of a ratio; centred unless placed."""

    operation: Literal["crop"] = "crop"
    width: Side | None = None
    height: Side | None = None
    x: int | None = Field(default=None, ge=0, le=MAX_SIDE)
    y: int | None = Field(default=None, ge=0, le=MAX_SIDE)
    aspect_ratio: AspectRatio | Literal["4:3", "3:4", "4:5", "21:9"] | None = None

    @model_validator(mode="after")
    def _is_a_box(self) -> Self:
        has_box = self.width is not None and self.height is not None
        if has_box == (self.aspect_ratio is not None):
            raise ValueError("either width and height, or aspectRatio")
        return self


class ExtractFrame(Parameters):
    """One frame of a video as a picture."""

    takes: ClassVar[InputTypes] = {"media": Takes(("video",))}
    gives: ClassVar[ResultType] = "image"

    operation: Literal["extract-frame"] = "extract-frame"
    position: Literal["first", "middle", "last"] = "first"
    at_seconds: Seconds | None = Field(default=None, description="instead of a position")
    format: Literal["png", "jpeg"] = "png"


class ExtractAudio(Parameters):
    """The sound of a video."""

    takes: ClassVar[InputTypes] = {"media": Takes(("video",))}
    gives: ClassVar[ResultType] = "audio"

    operation: Literal["extract-audio"] = "extract-audio"
    format: Literal["mp3", "m4a", "wav"] = "mp3"


class Overlay(Parameters):
    """A picture or a silent video laid over a video or picture. Transparency is kept."""

    takes: ClassVar[InputTypes] = {
        "media": Takes(("video", "image")),
        "overlay": Takes(("image", "video")),
    }
    gives: ClassVar[ResultType] = "same"

    operation: Literal["overlay"] = "overlay"
    position: OverlayPosition = "bottom-right"
    width_share: float = Field(default=0.2, ge=0.01, le=1, description="of the width below it")
    margin_share: float = Field(default=0.03, ge=0, le=0.4, description="of the shorter side")
    opacity: float = Field(default=1, gt=0, le=1)
    start_seconds: Seconds = 0
    end_seconds: Seconds | None = None

    @model_validator(mode="after")
    def _is_shown(self) -> Self:
        if self.end_seconds is not None and self.end_seconds <= self.start_seconds:
            raise ValueError("endSeconds must be after startSeconds")
        return self


class MixAudio(Parameters):
    """A sound under a video or sound, as music is under a film: quieter while the other is heard,
    fading out at its end, at the loudness of films.
    """

    takes: ClassVar[InputTypes] = {"media": Takes(("video", "audio")), "audio": Takes(("audio",))}
    gives: ClassVar[ResultType] = "same"

    operation: Literal["mix-audio"] = "mix-audio"
    volume: int = Field(default=50, ge=1, le=100)
    keep_original: bool = Field(default=True, description="false leaves the own sound out")
    loop: bool = Field(default=True, description="again from its start if it is too short")


class Reverse(_Sound):
    """Backwards, with its sound."""

    operation: Literal["reverse"] = "reverse"


class ToGif(Parameters):
    """An animated GIF with a palette of its own."""

    takes: ClassVar[InputTypes] = {"media": Takes(("video",))}
    gives: ClassVar[ResultType] = "image"

    operation: Literal["to-gif"] = "to-gif"
    width: int = Field(default=480, ge=16, le=640)
    frames_per_second: int = Field(default=12, ge=1, le=25)
    start_seconds: Seconds = 0
    duration_seconds: Annotated[float, Field(gt=0, le=MAX_GIF_SECONDS)] | None = None
    loop: bool = True


AnyOperation = Annotated[
    Trim
    | Concat
    | Speed
    | Resize
    | Crop
    | ExtractFrame
    | ExtractAudio
    | Overlay
    | MixAudio
    | Reverse
    | ToGif,
    Field(discriminator="operation"),
]
OPERATIONS: dict[str, type[Parameters]] = {
    one.model_fields["operation"].default: one for one in get_args(get_args(AnyOperation)[0])
}
"""Every operation's parameters, by its name."""


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(AnyOperation)


def read_operation(parameters: Any) -> Parameters:
    """Returns the operation that a caller's parameters ask for. Raises ValidationError."""
    read: Parameters = _adapter().validate_python(parameters)
    return read


@dataclass(frozen=True)
class OperationResult:
    """A file that an operation has made. What it has no size or length of is None."""

    path: Path
    content_type: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
