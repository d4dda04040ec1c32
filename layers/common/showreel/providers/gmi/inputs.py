"""The body of a create at GMI: every model has its own names for the same things.

The names are those of the vendor's model pages as public clients send them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from showreel.providers.base import SubmitRequest


@dataclass(frozen=True)
class Names:
    """What a family of models calls the fields of a job; None is a field it doesn't have."""

    prompt: str = "prompt"
    duration: str | None = "duration"
    ratio: str | None = "aspect_ratio"
    image: str | None = "image"
    end_image: str | None = "image_tail"
    resolution: str | None = None
    sound: str | None = None
    has_text_duration: bool = False
    """Whether the duration is sent as text."""

    def fields(self, request: SubmitRequest) -> dict[str, Any]:
        """The job under these names."""
        seconds = request.duration_seconds
        values: dict[str | None, Any] = {
            self.prompt: request.prompt,
            self.duration: str(seconds) if self.has_text_duration else seconds,
            self.ratio: request.aspect_ratio,
            self.image: request.image.url if request.image else None,
            self.end_image: request.end_image.url if request.end_image else None,
            self.resolution: request.resolution,
            self.sound: request.native_audio,
        }
        return {name: value for name, value in values.items() if name and value is not None}


USUAL = Names()
FAMILIES: tuple[tuple[str, Names], ...] = (
    ("veo", Names("prompt", "durationSeconds", "aspectRatio", "image", "lastFrame", "resolution",
                  "generateAudio", has_text_duration=True)),
    ("kling", Names(has_text_duration=True)),
    ("seedance", Names("prompt", "duration", "ratio", "first_frame", "last_frame", "resolution",
                       "generate_audio")),
    ("wan", Names(ratio="ratio", image="first_frame", end_image="last_frame")),
    ("happyhorse", Names(ratio="ratio", image="first_frame", end_image="last_frame")),
    ("ltx", Names(ratio=None, image="image_uri", end_image=None)),
)  # fmt: skip
"""By the beginning of a model's name, in small letters."""
SPOKEN = ("tts", "voice-clone", "audio-editx", "minimetalks")
"""Parts of the names of models that say a text instead of following a prompt."""


def create_body(request: SubmitRequest) -> dict[str, Any]:
    """A caller's own fields go as they are, with the prompt if none of them is it; a job of ours
    goes under the model's names.

    The binding's parameters are sent in any case.
    """
    model = request.upstream.lower()
    names = next((found for start, found in FAMILIES if model.startswith(start)), USUAL)
    if request.inputs:
        payload = _with_prompt(request.inputs, _prompt_name(model, names), request.prompt)
    else:
        payload = names.fields(request)
    return {"model": request.upstream, "payload": {**payload, **request.parameters}}


def _prompt_name(model: str, names: Names) -> str:
    return "text" if any(part in model for part in SPOKEN) else names.prompt


def _with_prompt(inputs: Mapping[str, Any], name: str, prompt: str) -> dict[str, Any]:
    is_there = not prompt or prompt in inputs.values()
    return {**inputs} if is_there else {name: prompt, **inputs}
