"""The schema of `models.json`, the one file that says what can be generated.

Public ids are ours and stable. A model that its vendor switched off keeps its id and its price and
points to a successor.
"""

from datetime import date
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from showreel.catalog.fields import Fact

MediaType = Literal["image", "video", "audio", "text"]
Presence = Literal["required", "optional", "none"]


class Pricing(Fact):
    """What `units` of `unit` cost: credits to the user, cents to us. Pro rata, rounded up."""

    unit: Literal["request", "image", "second", "minute", "1k_characters"]
    units: int = Field(ge=1, description="how many units the prices below are for")
    credits: int = Field(ge=1)
    credits_native_audio: int | None = Field(default=None, ge=1)
    """With sound, if that costs more."""
    cost_cents: Decimal = Field(ge=0, description="may be a fraction of a cent")
    cost_cents_native_audio: Decimal | None = Field(default=None, ge=0)
    cost_source: str = Field(min_length=1, description="where the cost was read, or how guessed")


class Durations(Fact):
    """The lengths a model makes, in seconds: a list of them, or every whole second of a range."""

    allowed: tuple[int, ...] = ()
    minimum: int | None = Field(default=None, ge=1)
    maximum: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        is_range = self.minimum is not None and self.maximum is not None
        if bool(self.allowed) == is_range:
            raise ValueError("durations are either `allowed` or `minimum` and `maximum`")
        return self

    def choices(self) -> tuple[int, ...]:
        """Returns every length in seconds, shortest first."""
        if self.minimum is None or self.maximum is None:
            return tuple(sorted(self.allowed))
        return tuple(range(self.minimum, self.maximum + 1))


class Inputs(Fact):
    """Which inputs a model takes. `references` are pictures of what is to be seen in the result."""

    prompt: Presence = "none"
    image: Presence = "none"
    end_image: Presence = "none"
    references: Presence = "none"
    video: Presence = "none"
    audio: Presence = "none"
    native_audio: Presence = "none"


class Capabilities(Fact):
    """What a model can do. Empty aspect ratios mean that the model has no such choice."""

    duration_seconds: Durations | None = None
    duration_from: Literal["request", "audio", "video"] = "request"
    """Whether the caller chooses the length, or the result is as long as the input."""
    aspect_ratios: tuple[str, ...] = ()
    aspect_ratio_from: Literal["parameter", "image"] = "parameter"
    """Whether the ratio is a parameter, or that of the input picture."""
    inputs: Inputs = Field(default_factory=Inputs)
    frames_per_second: int | None = Field(default=None, ge=1, le=120)
    max_prompt_chars: int | None = Field(default=None, ge=1)
    max_images: int = Field(default=1, ge=1, le=10, description="that one request makes")
    max_references: int = Field(default=0, ge=0, le=20)
    max_output_tokens: int | None = Field(default=None, ge=1)
    context_tokens: int | None = Field(default=None, ge=1)


class ModelLifecycle(Fact):
    """A model's status, and the public id that follows it when its vendor ends it."""

    status: Literal["active", "deprecated", "retired"] = "active"
    deprecated_on: date | None = None
    retired_on: date | None = None
    replaced_by: str | None = None


class Binding(Fact):
    """Who makes a model: adapter, the vendor's own id, and parameters that are always sent."""

    provider: str = Field(min_length=1)
    upstream: str = Field(min_length=1)
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)
    resolution: Literal["720p", "1080p"] | None = None
    """What is always ordered, whatever the job says: the only one there is, or that we pay for."""
    makes: str | None = None
    """Public id of the model that is really used, if the entry's own is gone at its vendor."""


class Model(Fact):
    """One entry of the catalogue. `provider` is the label that callers see and filter by."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    provider: str = Field(min_length=1)
    media_type: MediaType
    workflow_type: str = Field(min_length=1)
    description: str = Field(min_length=1)
    form: str = Field(min_length=1)
    pricing: Pricing
    capabilities: Capabilities
    lifecycle: ModelLifecycle = Field(default_factory=ModelLifecycle)
    binding: Binding


class Product(Fact):
    """What an endpoint sells: models, the default one, and models by kind of video, best first."""

    models: tuple[str, ...] = Field(min_length=1)
    default_model: str | None = None
    default_aspect_ratio: str
    video_types: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class BelowFloor(Fact):
    """A price that may be below the floor; `margin` is price over cost."""

    model: str
    native_audio: bool = False
    margin: float = Field(ge=0)
    reason: str = Field(min_length=1)


class Economics(Fact):
    """The floor under prices: a credit's value in cents times credits is at least cost × margin.

    `documented` has the ids whose price the documents print: it isn't raised to the floor.
    """

    credit_value_cents: float = Field(gt=0)
    margin: float = Field(ge=1)
    documented: frozenset[str]
    below_floor: tuple[BelowFloor, ...] = ()
