"""Fills a model's form with what is known before a run, and stand-ins for other nodes' results."""

from typing import Any

from showreel.catalog import Model
from showreel.graphs.calls import form_inputs, model_handles
from showreel.graphs.models import Input, Part, Step

STAND_IN = "https://input.invalid/"
"""The URL of a medium that isn't made yet."""
SOME_TEXT = "…"


def trial_inputs(model: Model, step: Step) -> dict[str, Any]:
    """Returns the inputs of the form. Texts that aren't written yet count as one character."""
    texts = {name: known_text(parts) for name, parts in step.texts.items()}
    least = {handle.name: handle.least for handle in model_handles(model)}
    urls = {name: _urls(parts, least.get(name, 1)) for name, parts in step.inputs.items()}
    return form_inputs(model, step.settings, texts, urls)


def _urls(parts: tuple[Input, ...], least: int) -> list[str]:
    """Returns the URLs of a handle; a list of unknown length has as many as are needed."""
    urls = [part.url or STAND_IN for part in parts]
    is_open = any(part.is_list for part in parts)
    return urls + [STAND_IN] * (least - len(urls)) if is_open else urls


def known_text(parts: tuple[Part, ...]) -> str:
    """Returns a text with a stand-in for each part that isn't known yet."""
    return "".join(part.text if part.text is not None else SOME_TEXT for part in parts)
