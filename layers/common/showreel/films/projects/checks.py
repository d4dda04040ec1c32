"""Checks of a film before anything of it is written; each fault is a 400 with a code."""

from collections.abc import Iterable

from showreel.catalog import Model, get_model
from showreel.core.errors import InvalidInput
from showreel.films.projects.models import MAX_CLIPS, ProjectRow
from showreel.films.projects.templates import TEMPLATES_BY_ID

IMAGE_TO_VIDEO = "image-to-video"
FIELDS = {
    "aspect_ratio": "aspectRatio",
    "native_audio": "generateNativeAudio",
    "duration": "durationSeconds",
}
"""The field that a fault names, by its code."""


def require_fit(
    project: ProjectRow, duration_seconds: Iterable[int], *, has_end_images: bool
) -> Model:
    """Returns the project's model, if it can make clips of these lengths with the project's
    settings, and takes end images if there are some.

    Raises InvalidInput `unknown_model`, `wrong_model`, `aspect_ratio`, `native_audio`, `end_image`,
    `duration`.
    """
    model = require_film_model(project.model)
    can = model.capabilities
    if can.aspect_ratios and project.aspect_ratio not in can.aspect_ratios:
        raise _cannot(model, f"aspect ratio {project.aspect_ratio}", "aspect_ratio")
    if project.generate_native_audio and can.inputs.native_audio == "none":
        raise _cannot(model, "native audio", "native_audio")
    if has_end_images and can.inputs.end_image == "none":
        message = f"{model.id} takes no last frame"
        raise InvalidInput(message, code="end_image", field="endImageUrl")
    choices = can.duration_seconds.choices() if can.duration_seconds else ()
    for seconds in duration_seconds:
        if seconds not in choices:
            raise _cannot(model, f"clips of {seconds} s", "duration")
    return model


def require_film_model(model_id: str) -> Model:
    """Returns a usable image-to-video model. Raises InvalidInput `unknown_model`, `wrong_model`."""
    model = get_model(model_id, lambda entry: entry["workflow_type"] == IMAGE_TO_VIDEO)
    if model.workflow_type != IMAGE_TO_VIDEO or model.capabilities.inputs.image == "none":
        raise InvalidInput(
            f"{model.id} doesn't make videos from images", code="wrong_model", field="model"
        )
    if model.lifecycle.status == "retired" and model.lifecycle.replaced_by is None:
        raise InvalidInput(f"{model.id} is retired", code="wrong_model", field="model")
    return model


def require_room(clip_count: int) -> None:
    """Raises InvalidInput `too_many_clips` for more than 20 clips."""
    if clip_count > MAX_CLIPS:
        raise InvalidInput(
            f"A video project has at most {MAX_CLIPS} clips", code="too_many_clips", field="clips"
        )


def require_template(template_id: str | None) -> None:
    """Raises InvalidInput `unknown_template` for an id that no template has."""
    if template_id is not None and template_id not in TEMPLATES_BY_ID:
        valid = ", ".join(TEMPLATES_BY_ID)
        raise InvalidInput(
            f"Unknown template. Valid templates: {valid}",
            code="unknown_template",
            field="templateId",
        )


def _cannot(model: Model, what: str, code: str) -> InvalidInput:
    message = f"{model.id} doesn't support {what}"
    return InvalidInput(message, code=code, field=FIELDS.get(code, "model"))
