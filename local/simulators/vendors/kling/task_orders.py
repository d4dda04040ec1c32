"""What Kling's second standard accepts as a video order, field by field and in combination.

Unknown fields are ignored. A setting that the model's page doesn't list is refused, so that nobody
relies on it; what the vendor does with one is not known.
"""

from collections.abc import Container
from typing import Annotated, Literal

from pydantic import Field

from local.simulators.vendors.kling.errors import KlingError
from local.simulators.vendors.kling.orders import (
    Prompt,
    Strict,
    Watermark,
    check_inline,
    demand,
    parsed,
)
from local.simulators.vendors.kling.task_models import TASK_MODELS, TaskModel


class PromptContent(Strict):
    """What is to happen."""

    type: Literal["prompt"]
    text: Prompt


class FrameContent(Strict):
    """A picture that the video begins or ends with, by address or in base64."""

    type: Literal["first_frame", "last_frame"]
    url: str = Field(min_length=1)


Content = Annotated[PromptContent | FrameContent, Field(discriminator="type")]


class Settings(Strict):
    """How the video is to be."""

    resolution: Literal["720p", "1080p", "4k"] = "720p"
    duration: int = 5
    audio: Literal["native", "off"] | None = None
    multi_shot: bool | None = None
    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"


class Options(Strict):
    """How the task is to be handled. An empty text is as good as none."""

    callback_url: str | None = Field(default=None, pattern=r"^(https?://.*)?$", max_length=2048)
    external_task_id: str | None = Field(default=None, max_length=256)
    watermark_info: Watermark = Watermark()


class TaskOrder(Strict):
    """The fields both sorts of order have."""

    settings: Settings = Settings()
    options: Options = Options()

    def check(self, name: str, gone: Container[str]) -> TaskModel:
        """Returns the model that will do it. Raises KlingError if it can't."""
        model = find_model(name, gone)
        self._check_settings(model)
        self._check_sound(model)
        return model

    def has_sound(self, model: TaskModel) -> bool:
        """Returns whether the video will have a sound track."""
        return model.always_sounds or self.settings.audio == "native"

    def units(self, model: TaskModel) -> float:
        """Returns what it costs, in the vendor's units."""
        factor = model.sound_factor if self.settings.audio == "native" else 1
        second = model.units[self.settings.resolution] * (factor or 1)
        return round(second * self.settings.duration, 2)

    def _check_settings(self, model: TaskModel) -> None:
        settings = self.settings
        demand(settings.resolution in model.units, "settings.resolution is invalid")
        demand(settings.duration in model.durations, "settings.duration is invalid")
        demand(settings.multi_shot is None or model.has_shots, "settings.multi_shot is invalid")

    def _check_sound(self, model: TaskModel) -> None:
        audio = self.settings.audio
        demand(audio is None or model.sound_factor is not None, "settings.audio is invalid")
        if audio == "native" and model.full_size_only:
            demand(self.settings.resolution == "1080p", "native audio is only supported in 1080p")


class TextTask(TaskOrder):
    """An order without a picture."""

    prompt: Prompt = Field(min_length=1)

    @property
    def text(self) -> str:
        """The prompt."""
        return self.prompt

    def frame(self, _: str) -> None:
        """Refuses pictures of any kind."""


class ImageTask(TaskOrder):
    """An order with a picture to begin with, and perhaps one to end with."""

    contents: list[Content] = Field(max_length=10)

    @property
    def text(self) -> str:
        """The prompt."""
        return next((each.text for each in self.contents if isinstance(each, PromptContent)), "")

    def frame(self, kind: str) -> str | None:
        """Returns the picture of that kind."""
        frames = (each for each in self.contents if isinstance(each, FrameContent))
        return next((frame.url for frame in frames if frame.type == kind), None)

    def check(self, name: str, gone: Container[str]) -> TaskModel:
        """Returns the model that will do it. Raises KlingError if it can't."""
        model = super().check(name, gone)
        kinds = [each.type for each in self.contents]
        demand(len(kinds) == len(set(kinds)), "contents has a type twice")
        demand("first_frame" in kinds, "first_frame is required")
        if "last_frame" in kinds:
            demand(model.takes_last, "last_frame is not supported by this model")
            can_end = not model.full_size_only or self.settings.resolution == "1080p"
            demand(can_end, "last_frame is only supported in 1080p")
        for kind in ("first_frame", "last_frame"):
            check_inline(self.frame(kind))
        return model


def find_model(name: str, gone: Container[str]) -> TaskModel:
    """Returns the model of that id. Raises KlingError if there is none."""
    if name in gone:
        raise KlingError(1203, f"model {name} has been discontinued")
    if name not in TASK_MODELS:
        raise KlingError(1203, f"model {name} does not exist")
    return TASK_MODELS[name]


def read_task(family: str, raw: bytes) -> TextTask | ImageTask:
    """Returns the order in a request body. Raises KlingError."""
    kind: type[TextTask | ImageTask] = ImageTask if family == "image-to-video" else TextTask
    return parsed(kind, raw)
