"""What Veo accepts as an order over the long-running protocol."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from local.simulators.rendering import RenderOrder
from local.simulators.vendors.google.errors import RpcError
from local.simulators.vendors.google.tasks import clip_size, inline_picture


@dataclass(frozen=True)
class Model:
    """One model; `price` is US dollars a second."""

    seconds: frozenset[int]
    resolutions: frozenset[str]
    price: float


MODELS = {"veo-2.0-generate-001": Model(frozenset(range(5, 9)), frozenset(), 0.35)}
"""The first Veo 2 has no choice of resolution and no sound."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)


def _picture(text: str) -> str:
    inline_picture(text)
    return text


class Image(_Strict):
    """A picture in base64; the vendor takes no address."""

    bytes_base64_encoded: Annotated[str, AfterValidator(_picture)]
    mime_type: Literal["image/jpeg", "image/png"]


class Instance(_Strict):
    """What to show."""

    prompt: str = Field(min_length=1)
    image: Image | None = None
    last_frame: Image | None = None


class Parameters(_Strict):
    """How to show it."""

    sample_count: Literal[1] = 1
    duration_seconds: int = 8
    aspect_ratio: Literal["16:9", "9:16"] = "16:9"
    resolution: Literal["720p", "1080p"] | None = None
    person_generation: Literal["allow_all", "allow_adult", "dont_allow"] | None = None
    negative_prompt: str | None = None
    enhance_prompt: bool | None = None
    seed: int | None = None


class VeoOrder(_Strict):
    """A whole order."""

    instances: list[Instance] = Field(min_length=1, max_length=1)
    parameters: Parameters = Field(default_factory=Parameters)

    def check(self, model: Model) -> None:
        """Raises RpcError if the model can't do it."""
        given, instance = self.parameters, self.instances[0]
        _demand(given.duration_seconds in model.seconds, "durationSeconds is out of bounds")
        has_size = given.resolution is None or given.resolution in model.resolutions
        _demand(has_size, "resolution isn't supported by this model")
        _demand(not instance.last_frame or bool(instance.image), "lastFrame needs image")

    def render_order(self) -> RenderOrder:
        """Returns the clip it describes."""
        instance, given = self.instances[0], self.parameters
        first, last = (
            inline_picture(image.bytes_base64_encoded) if image else None
            for image in (instance.image, instance.last_frame)
        )
        size = clip_size(given.aspect_ratio, given.resolution or "720p")
        return RenderOrder(
            instance.prompt, given.duration_seconds, first=first, last=last, size=size
        )


def read_order(raw: bytes) -> VeoOrder:
    """Returns the order in a request body. Raises RpcError."""
    try:
        return VeoOrder.model_validate_json(raw)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in problem["loc"]) or "body"
        raise RpcError("INVALID_ARGUMENT", f"{field}: {problem['msg']}") from error


def _demand(is_right: bool, text: str) -> None:
    if not is_right:
        raise RpcError("INVALID_ARGUMENT", text)
