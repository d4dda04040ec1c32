"""The schema of forms: which fields a request for a model may have, and what its vendor calls them.

A form is shared by many models. What a model can't do is left out of its form: a field whose role
is an input that the model doesn't take, a length or a ratio where it has no choice.
"""

from typing import Literal

from pydantic import Field, model_validator

from showreel.core.models import FrozenModel

FieldType = Literal[
    "string",
    "number",
    "integer",
    "boolean",
    "enum",
    "image_url",
    "video_url",
    "audio_url",
    "image_url_list",
    "video_url_list",
    "audio_url_list",
    "tracks",
]
FieldRole = Literal[
    "prompt",
    "duration",
    "aspect_ratio",
    "count",
    "max_tokens",
    "image",
    "end_image",
    "references",
    "video",
    "audio",
    "native_audio",
]
"""What a field means. A caller may also use the usual names of its role (`forms.ALIASES`)."""
Scalar = str | int | float | bool


class Fact(FrozenModel, extra="forbid"):
    """Base of the parts of the catalogue's file; unknown fields are errors."""


class FormField(Fact):
    """One field of a request."""

    type: FieldType
    role: FieldRole | None = None
    required: bool = False
    """For fields without a role; for the others the model's `capabilities.inputs` decides."""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = Field(default=2000, ge=1, le=100_000)
    max_items: int = Field(default=10, ge=1, le=50)
    default: Scalar | None = None
    sends: str | None = None
    """The vendor's name, if it differs. Dots lead into objects, whole numbers into lists."""
    sends_as: Literal["value", "text", "seconds_text", "milliseconds"] = "value"
    """A length of 5 s is sent as 5, "5", "5s" or 5000."""
    mapping: dict[str, str] = Field(default_factory=dict)
    """The vendor's words for our values."""

    @model_validator(mode="after")
    def _sound(self) -> "FormField":
        if (self.type == "enum") != bool(self.choices):
            raise ValueError("choices belong to an enum, and an enum has some")
        return self

    @property
    def media_kind(self) -> str | None:
        """`image`, `video` or `audio` for fields that hold URLs."""
        kind, separator, _ = self.type.partition("_url")
        return kind if separator else None


class Form(Fact):
    """The fields by name. Of two that are sent under the same name, the later one wins."""

    fields: dict[str, FormField] = Field(min_length=1)
