"""Makes orders for the vendors with queues (fal, GMI Cloud) from requests."""

from collections.abc import Mapping
from typing import Any

from showreel.catalog import Model, bind, find_model, get_model, price
from showreel.catalog.forms import CheckedInputs, check_inputs
from showreel.catalog.upgrade import upgrade
from showreel.catalog.workflows import OF_ANY_KIND, OF_WORDS
from showreel.core.clock import now_seconds
from showreel.core.errors import InvalidInput
from showreel.core.settings import SingleVideos, settings
from showreel.generation.models import JobRequest, Terms, Wanted
from showreel.identity import Caller
from showreel.orders.lifecycle import Order
from showreel.orders.media import Copies
from showreel.orders.schemas import RoutedRequest
from showreel.orders.workspace import paying

FAL, GMI = "fal-stream", "gmi-execute"
"""The endpoints, which are also the kinds of their jobs."""
LABELS = {FAL: "fal-ai", GMI: "gmi-cloud"}
"""The catalogue's `provider` whose models an endpoint sells."""
BUCKETS = {"image": "project-assets", "video": "generation-videos", "audio": "audio"}
MEDIA_NAMES: Mapping[str, tuple[str, ...]] = {
    "image": ("image_url", "image_urls", "start_image_url", "image", "images", "reference_images"),
    "video": ("video_url", "video_urls", "video", "reference_video"),
    "audio": ("audio_url", "audio_urls"),
}
END_NAMES = ("end_image_url", "end_image", "tail_image_url", "image_tail", "last_frame")
MAX_PROMPT_CHARS = 2500
"""Limit of the prompt on the job's row, which people read; the vendor gets all of it."""


def chosen(endpoint: str, request: RoutedRequest) -> Model:
    """Returns the requested model. Raises InvalidInput `unknown_model`, `wrong_endpoint`, or
    `model_retired` for one whose successor the caller forbids.
    """
    name = request.model_id
    model = find_model(f"gmi/{name}" if endpoint == GMI else name) or get_model(
        name, lambda entry: entry["provider"] == LABELS[endpoint], field="modelId"
    )
    if model.provider != LABELS[endpoint]:
        message = f"{model.id} is not a model of {endpoint}"
        raise InvalidInput(message, code="wrong_endpoint", field="modelId")
    successor = bind(model).makes
    if request.strict and successor not in (None, model.id):
        message = f"{model.id} is gone; {successor} follows it"
        raise InvalidInput(message, code="model_retired", field="modelId")
    return model


def place(endpoint: str, caller: Caller, request: RoutedRequest) -> Order:
    """Returns the checked order. Raises what `chosen` and the model's form raise, then NotFound for
    a workspace that isn't the caller's.
    """
    model = chosen(endpoint, request)
    checked = check_inputs(model, request.inputs)
    check_media(model, request.inputs, checked)
    payer = paying(caller, request.workspace_id)

    def job(job_id: str, copies: Copies, base_url: str) -> JobRequest:
        rules, ratios = settings(SingleVideos), model.capabilities.aspect_ratios
        return JobRequest(
            job_id=job_id,
            workspace_id=payer.workspace_id,
            user_id=payer.user_id,
            kind=endpoint,
            catalogue_id=model.id,
            project_id=request.project_id,
            request_digest=request.digest,
            wanted=Wanted(
                prompt=checked.prompt[:MAX_PROMPT_CHARS],
                duration_seconds=copies.length(model) or checked.duration_seconds,
                media_type=model.media_type,
                count=checked.count,
                characters=len(checked.prompt) or None,
                inputs=checked.with_urls(copies.keys),
                input_media=copies.places(checked.media),
                aspect_ratio=checked.aspect_ratio or (ratios[0] if ratios else "16:9"),
                native_audio=checked.native_audio,
            ),
            terms=Terms(
                may_be_any_media=model.workflow_type in OF_ANY_KIND,
                may_be_data=model.workflow_type in OF_WORDS,
                may_be_replaced=not request.strict,
                deadline_at_seconds=now_seconds() + rules.generation_timeout_seconds,
                late_seconds=rules.late_result_seconds,
            ),
            output_prefix=BUCKETS[model.media_type],
            public_base_url=base_url,
        )

    return Order(endpoint, payer, request.digest, _least(model, checked), job, checked.media)


def _least(model: Model, checked: CheckedInputs) -> int:
    """Returns the lowest price in credits, before the lengths of media are known."""
    if model.capabilities.duration_from != "request":
        return 1
    return price(
        model,
        checked.duration_seconds,
        count=checked.count,
        characters=len(checked.prompt) or None,
        native_audio=checked.native_audio,
    ).credits


def check_media(model: Model, inputs: Mapping[str, Any], checked: CheckedInputs) -> None:
    """Raises InvalidInput for media that the model would ignore: nobody wants to pay for a result
    without them.
    """
    taken = {one.kind for one in checked.media}
    for kind, names in MEDIA_NAMES.items():
        if kind not in taken and (name := _named(inputs, names)):
            raise _unsupported(model, kind, name)
    if model.capabilities.inputs.end_image == "none" and (name := _named(inputs, END_NAMES)):
        message = f"{model.id} takes no last frame"
        raise InvalidInput(message, code="end_image_unsupported", field=name)


def _named(inputs: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Returns the first of the names that has URLs in the inputs, or None."""
    found = (name for name in names if isinstance(inputs.get(name), str | list) and inputs[name])
    return next(found, None)


def _unsupported(model: Model, kind: str, name: str) -> InvalidInput:
    other = upgrade(model, has_images=kind == "image", has_video=kind == "video").model
    hint = f"; {other.id} does" if other.id != model.id and kind != "audio" else ""
    message = f"{model.id} takes no {kind}{hint}"
    return InvalidInput(message, code="input_unsupported", field=name)
