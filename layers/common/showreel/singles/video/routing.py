"""Chooses the model, length and price of a video from the catalogue."""

from dataclasses import dataclass

from showreel.catalog import (
    Model,
    Product,
    default_duration,
    get_model,
    get_product,
    price,
    snap_duration,
)
from showreel.core.errors import InvalidInput
from showreel.singles.video.schemas import VideoOrder

BEFORE_AFTER = "before_after"


@dataclass(frozen=True)
class VideoSpec:
    """The video to make. `requested_model` is what the caller named, or the first of its type."""

    model: Model
    requested_model: str
    fallback_reason: str | None
    video_type: str | None
    aspect_ratio: str
    duration_seconds: int
    credits: int


def choose(product_name: str, order: VideoOrder) -> VideoSpec:
    """Returns what will be made. Raises InvalidInput `unknown_model`, `unknown_video_type`,
    `aspect_ratio_unsupported`, `end_image_unsupported`, `before_image_unsupported`,
    `image_required` or `prompt_too_long`.
    """
    product = get_product(product_name)
    _check_frames(product, order)
    ratio = order.aspect_ratio or product.default_aspect_ratio
    requested = _requested(product, order)
    model = _able(requested, order, ratio)
    _check(model, order, ratio)
    is_routed = model != requested[0]
    seconds = snap_duration(model, order.duration or default_duration(model))
    return VideoSpec(
        model=model,
        requested_model=requested[0].id,
        fallback_reason=_reason(requested[0], model, order, ratio) if is_routed else None,
        video_type=order.video_type if product.video_types else None,
        aspect_ratio=ratio,
        duration_seconds=seconds,
        credits=price(model, seconds, base_is_least=True).credits,
    )


def _requested(product: Product, order: VideoOrder) -> list[Model]:
    """Returns the model that was named, or the models of the video's type in their order."""
    of_type = _models_of_type(product, order)
    named = order.model or product.default_model
    if named is None:
        return [get_model(model_id) for model_id in of_type]
    if named not in product.models:
        raise _unknown("model", product.models)
    return [get_model(named)]


def _models_of_type(product: Product, order: VideoOrder) -> tuple[str, ...]:
    if order.video_type is None or not product.video_types:
        return ()
    if order.video_type not in product.video_types:
        raise _unknown("video_type", product.video_types)
    return product.video_types[order.video_type]


def _able(models: list[Model], order: VideoOrder, ratio: str) -> Model:
    """Returns the first model that can make what was asked for, else the first."""
    able = (model for model in models if _fault(model, order, ratio) is None)
    return next(able, models[0])


def _check(model: Model, order: VideoOrder, ratio: str) -> None:
    fault = _fault(model, order, ratio)
    if fault is not None:
        raise fault
    longest = model.capabilities.max_prompt_chars
    if longest is not None and len(order.prompt) > longest:
        message = f"{model.id} takes prompts of at most {longest} characters"
        raise InvalidInput(message, code="prompt_too_long", field="prompt")


def _fault(model: Model, order: VideoOrder, ratio: str) -> InvalidInput | None:
    """Returns why the model can't make the video, None if it can."""
    inputs, ratios = model.capabilities.inputs, model.capabilities.aspect_ratios
    wants_end = order.end_image_url is not None or order.before_image_url is not None
    if ratios and ratio not in ratios:
        message = f"{model.id} makes {', '.join(ratios)}, not {ratio}"
        return InvalidInput(message, code="aspect_ratio_unsupported", field="aspect_ratio")
    if wants_end and inputs.end_image == "none":
        return InvalidInput(
            f"{model.id} takes no last frame", code="end_image_unsupported", field="end_image_url"
        )
    if order.image_url is None and (wants_end or inputs.image == "required"):
        return InvalidInput(f"{model.id} needs image_url", code="image_required", field="image_url")
    return None


def _reason(first: Model, model: Model, order: VideoOrder, ratio: str) -> str:
    fault = _fault(first, order, ratio)
    code = fault.code if fault else "unsupported"
    return f"{code}:{first.id}->routed:{model.id}"


def _check_frames(product: Product, order: VideoOrder) -> None:
    """Raises InvalidInput `before_image_unsupported` if `before_image_url` doesn't fit."""
    if order.before_image_url is None:
        return
    if order.video_type != BEFORE_AFTER or BEFORE_AFTER not in product.video_types:
        message = f"before_image_url is for the video_type {BEFORE_AFTER}"
        raise InvalidInput(message, code="before_image_unsupported", field="before_image_url")
    if order.end_image_url is not None:
        message = "With before_image_url, image_url is the last frame: leave end_image_url out"
        raise InvalidInput(message, code="before_image_unsupported", field="before_image_url")


def _unknown(field: str, valid: tuple[str, ...] | dict[str, tuple[str, ...]]) -> InvalidInput:
    message = f"Unknown {field}. Valid: {', '.join(valid)}"
    return InvalidInput(message, code=f"unknown_{field}", field=field)
