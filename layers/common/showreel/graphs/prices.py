"""Prices a step: the most credits that it can cost, and the seconds that it usually takes.

What isn't known before a run, such as a text that another node writes, counts with its greatest
length. The sum of all nodes is what a run holds; no run costs more.
"""

from dataclasses import dataclass

from showreel.catalog import Model, get_model, price
from showreel.catalog.catalogue import get_form
from showreel.catalog.forms import CheckedInputs, bounded, check_inputs
from showreel.graphs.models import Step
from showreel.graphs.operations import OUR_MODEL, operation_of
from showreel.graphs.trial import known_text, trial_inputs

MAKING_SECONDS = {"text": 4.0, "image": 10.0, "audio": 12.0, "video": 75.0}
"""How many seconds a vendor usually takes, by media type."""
BUILTIN_SECONDS = 6.0
UPLOAD_SECONDS = 2.0
INSTANT_SECONDS = 0.1
BUILTIN = "builtin"


@dataclass(frozen=True)
class StepPrice:
    """The most credits that a step costs, and the seconds that it usually takes."""

    credits: int
    seconds: float


def price_of(step: Step) -> StepPrice:
    """Returns the price of a checked step."""
    operation = operation_of(step.operation)
    if operation is not None:
        return StepPrice(price(get_model(OUR_MODEL)).credits, operation.seconds)
    if step.model_id is None:
        return StepPrice(0, UPLOAD_SECONDS if step.kind == "Upload" else INSTANT_SECONDS)
    model = get_model(step.model_id)
    is_ours = model.binding.provider == BUILTIN
    seconds = BUILTIN_SECONDS if is_ours else MAKING_SECONDS[model.media_type]
    return StepPrice(_credits(model, step), seconds)


def _credits(model: Model, step: Step) -> int:
    checked = check_inputs(model, trial_inputs(model, step))
    most = price(
        model,
        _longest(model, checked),
        count=checked.count,
        characters=_most_characters(model, step, checked),
        native_audio=checked.native_audio,
    )
    return most.credits


def _longest(model: Model, checked: CheckedInputs) -> float | None:
    """Returns the length in seconds that is asked for, or the longest that the input may have."""
    can = model.capabilities
    if can.duration_from == "request" or can.duration_seconds is None:
        return checked.duration_seconds
    return can.duration_seconds.choices()[-1]


def _most_characters(model: Model, step: Step, checked: CheckedInputs) -> int | None:
    parts = step.texts.get("prompt", ())
    if not any(part.handle for part in parts):
        return len(known_text(parts)) or None
    forms = get_form(model).fields.values()
    field = next((one for one in forms if one.role == "prompt"), None)
    return bounded(model.capabilities, field).max_length if field else len(checked.prompt) or None
