"""The inputs of Replicate's models: each model's names, as their schema pages say.

Models ignore unknown inputs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from showreel.core.errors import ProviderInvalidInput, ProviderModelGone
from showreel.providers.base import SubmitRequest

PREDICTIONS = "/v1/predictions"
MODEL = re.compile(r"(\w[\w.-]{0,99}/\w[\w.-]{0,99})(?::(\w{1,64}))?", re.ASCII)
"""`owner/name`, or `owner/name:version` for a model that the vendor doesn't run itself."""
WAN_FRAMES_PER_SECOND = 16
WAN_MAX_FRAMES = 100
WAN_RATIOS = frozenset({"16:9", "9:16"})

Fields = dict[str, object]


@dataclass(frozen=True)
class ModelInput:
    """The form of a model's input: its names for the pictures, and its other fields."""

    image: str
    end_image: str | None
    fields: Callable[[SubmitRequest], Fields]


def _wan(request: SubmitRequest) -> Fields:
    """Returns frames, not seconds. Older versions read `max_area`, newer ones `aspect_ratio`."""
    frames = request.duration_seconds * WAN_FRAMES_PER_SECOND + 1
    return {
        "num_frames": min(frames, WAN_MAX_FRAMES),
        "frames_per_second": WAN_FRAMES_PER_SECOND,
        "max_area": "720x1280" if request.aspect_ratio == "9:16" else "1280x720",
        "aspect_ratio": request.aspect_ratio if request.aspect_ratio in WAN_RATIOS else None,
    }


def _timed(request: SubmitRequest) -> Fields:
    return {"duration": request.duration_seconds, "aspect_ratio": request.aspect_ratio}


def _kling(request: SubmitRequest) -> Fields:
    """Returns length and ratio; with a first picture, that decides the ratio."""
    ratio = None if request.image else request.aspect_ratio
    return {"duration": request.duration_seconds, "aspect_ratio": ratio}


def _kling_3(request: SubmitRequest) -> Fields:
    mode = "standard" if request.resolution == "720p" else "pro"
    return {**_kling(request), "mode": mode, "generate_audio": request.native_audio}


USUAL = ModelInput("image", None, _timed)
MODELS = {
    "wavespeedai/wan-2.1-i2v-720p": ModelInput("image", None, _wan),
    "runwayml/gen4-turbo": ModelInput("image", None, _timed),
    "kwaivgi/kling-v3-video": ModelInput("start_image", "end_image", _kling_3),
    "kwaivgi/kling-v1.6-pro": ModelInput("start_image", "end_image", _kling),
}
"""Forms from the models' pages at the vendor; any other model gets `USUAL`."""


def input_of(model: str) -> ModelInput:
    """Returns the form of `owner/name`."""
    return MODELS.get(model, USUAL)


def create_body(request: SubmitRequest) -> tuple[str, dict[str, Any]]:
    """Returns path and body. Raises ProviderModelGone for an invalid model name."""
    found = MODEL.fullmatch(request.upstream)
    if found is None:
        raise ProviderModelGone("not the name of a model")
    name, version = found.groups()
    body: dict[str, Any] = {"input": _input(request, input_of(name))}
    if request.callback_url:
        body |= {"webhook": request.callback_url, "webhook_events_filter": ["completed"]}
    if version:
        return PREDICTIONS, {**body, "version": version}
    return f"/v1/models/{name}/predictions", body


def _input(request: SubmitRequest, form: ModelInput) -> Fields:
    if request.end_image and not form.end_image:
        raise ProviderInvalidInput("this model takes no end picture")
    fields = {**form.fields(request), **request.parameters, "prompt": request.prompt}
    if request.image:
        fields[form.image] = request.image.url
    if request.end_image and form.end_image:
        fields[form.end_image] = request.end_image.url
    return {name: value for name, value in fields.items() if value is not None}
