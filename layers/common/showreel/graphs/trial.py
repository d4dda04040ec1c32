"""A model's form filled with what is known before a run: stand-ins for what other nodes give."""

from typing import Any

from showreel.catalog import Model
from showreel.graphs.calls import form_inputs
from showreel.graphs.models import Part, Step

STAND_IN = "https://input.invalid/"
"""For a medium that isn't there yet."""
SOME_TEXT = "…"


def trial_inputs(model: Model, step: Step) -> dict[str, Any]:
    """Returns what the form is filled with. Texts are as long as they are at least."""
    texts = {name: known_text(parts) for name, parts in step.texts.items()}
    urls = {
        handle: [part.url or STAND_IN for part in parts] for handle, parts in step.inputs.items()
    }
    return form_inputs(model, step.settings, texts, urls)


def known_text(parts: tuple[Part, ...]) -> str:
    """Returns a text as far as it is written."""
    return "".join(part.text if part.text is not None else SOME_TEXT for part in parts)
