"""Chooses the model for a medium of a shot: the one asked for, else the catalogue's default."""

from collections.abc import Mapping
from dataclasses import dataclass

from showreel.catalog import Model, get_model
from showreel.catalog.catalogue import default_models
from showreel.catalog.models import Presence
from showreel.catalog.upgrade import upgrade
from showreel.core.errors import InvalidInput
from showreel.storyboards.models import Medium, StoryboardRow

WORKFLOWS: Mapping[Medium, tuple[str, ...]] = {
    "image": ("text-to-image", "image-edit", "image-to-image"),
    "video": ("image-to-video", "text-to-video", "reference-to-video"),
    "audio": ("text-to-speech",),
}
"""The workflows that may make each medium, the default's first."""
REFERRING = "image-edit"
"""The workflow of the default picture model if the project has a reference image."""


@dataclass(frozen=True)
class ModelChoice:
    """The model that is ordered. `requested` is what was asked for, where another one follows."""

    model: Model
    requested: str
    reason: str | None = None


def choose(project: StoryboardRow, medium: Medium, name: str | None, field: str) -> ModelChoice:
    """Returns the model; `field` is the caller's field with its name.

    Raises InvalidInput `unknown_model`, `wrong_media_type`, `input_unsupported`, or
    `reference_required` for one that needs a picture where the project has none.
    """
    if name is None:
        model = _default(project, medium)
        return ModelChoice(model, model.id)
    model = get_model(name, lambda one: one["workflow_type"] in WORKFLOWS[medium], field=field)
    if model.workflow_type not in WORKFLOWS[medium]:
        what = {"image": "pictures", "video": "videos", "audio": "voice-overs"}[medium]
        message = f"{model.id} makes no {what} of shots"
        raise InvalidInput(message, code="wrong_media_type", field=field)
    if medium == "video":
        return _from_picture(model, field)
    if medium == "image" and project.reference_image_key is None and _takes(model, "required"):
        message = f"{model.id} needs the project's reference image"
        raise InvalidInput(message, code="reference_required", field=field)
    return ModelChoice(model, model.id)


def takes_pictures(model: Model) -> bool:
    """Returns whether the model takes a picture."""
    return _takes(model, "required", "optional")


def _default(project: StoryboardRow, medium: Medium) -> Model:
    has_reference = medium == "image" and project.reference_image_key is not None
    return default_models(REFERRING if has_reference else WORKFLOWS[medium][0])[0]


def _from_picture(model: Model, field: str) -> ModelChoice:
    """Returns the model, or a sibling or successor of it that begins with a picture."""
    found = upgrade(model, has_images=True)
    inputs = found.model.capabilities.inputs
    if not takes_pictures(found.model) or "required" in {inputs.video, inputs.audio}:
        message = f"{model.id} can't begin with a picture"
        raise InvalidInput(message, code="input_unsupported", field=field)
    return ModelChoice(found.model, model.id, found.reason)


def _takes(model: Model, *how: Presence) -> bool:
    inputs = model.capabilities.inputs
    return not {inputs.image, inputs.references}.isdisjoint(how)
