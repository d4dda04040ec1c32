"""Replaces a video model that can't start from the given inputs.

A reference video needs reference-to-video, pictures need image-to-video, words alone need
text-to-video. A model that can't is replaced by its sibling, else by the workflow's default. One
that can is never replaced, nor is one that edits, extends or speaks.
"""

import re
from dataclasses import dataclass

from showreel.catalog.catalogue import default_models, get_model, list_ids
from showreel.catalog.models import Model

TEXT, IMAGE, REFERENCE = "text-to-video", "image-to-video", "reference-to-video"
WORKFLOWS = frozenset({TEXT, IMAGE, REFERENCE})
_SUFFIX = re.compile(r"[/-](?:(?:text|image|reference)(?:-to-|2)video|[tir]2v)(?=[/-]|$)")


@dataclass(frozen=True)
class Upgrade:
    """The model to use. `reason` is None if it is the one that was asked for."""

    model: Model
    reason: str | None = None


def upgrade(model: Model, *, has_images: bool = False, has_video: bool = False) -> Upgrade:
    """Returns the model for these inputs, the given one if it can take them or none can."""
    workflow = REFERENCE if has_video else IMAGE if has_images else TEXT
    if model.workflow_type not in WORKFLOWS or _takes(model, workflow):
        return Upgrade(model)
    sibling = _sibling(model, workflow)
    found = sibling or _default(model, workflow)
    if found is None:
        return Upgrade(model)
    how = "same_family" if sibling else "default"
    why = f"incompatible_with_reference_input:{model.workflow_type}->{how}:{found.id}"
    return Upgrade(found, why)


def family(model_id: str) -> str:
    """Returns the id without its workflow: what siblings have in common."""
    return _SUFFIX.sub("", model_id)


def _takes(model: Model, workflow: str) -> bool:
    """Returns whether the model can start from what the workflow starts from, and no more."""
    inputs = model.capabilities.inputs
    if workflow == REFERENCE:
        return inputs.video != "none"
    if workflow == IMAGE:
        return {inputs.image, inputs.references} != {"none"} and inputs.video != "required"
    return "required" not in {inputs.image, inputs.references, inputs.video, inputs.audio}


def _sibling(model: Model, workflow: str) -> Model | None:
    kin = family(model.id)
    ids = (one for one in list_ids("video", workflow) if family(one) == kin)
    return next((one for one in map(get_model, ids) if _takes(one, workflow)), None)


def _default(model: Model, workflow: str) -> Model | None:
    """Returns the workflow's default model of the same provider, else its first one."""
    defaults = default_models(workflow)
    own = (one for one in defaults if one.provider == model.provider)
    return next(own, defaults[0] if defaults else None)
