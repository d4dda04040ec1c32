"""The body of a create at GMI: every model has its own names for the same fields.

The names are those of the vendor's model pages as public clients send them.
"""

from dataclasses import dataclass
from typing import Any

from showreel.providers.base import SubmitRequest


@dataclass(frozen=True)
class Names:
    """The names of a job's fields in a family of models; None for a field it doesn't have."""

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
        """Returns the job's fields under these names."""
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
"""Names by the start of a model's name, in lower case."""


def create_body(request: SubmitRequest) -> dict[str, Any]:
    """Returns a caller's own fields as they are, or a job of ours under the model's names.

    The binding's parameters are always sent.
    """
    model = request.upstream.lower()
    names = next((found for start, found in FAMILIES if model.startswith(start)), USUAL)
    payload = request.inputs or names.fields(request)
    return {"model": request.upstream, "payload": {**payload, **request.parameters}}
