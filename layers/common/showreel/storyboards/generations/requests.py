"""Makes the request for a job that makes a medium of a shot."""

from dataclasses import dataclass
from typing import Any

from showreel.catalog import Model
from showreel.catalog.catalogue import get_form
from showreel.catalog.fields import FieldRole
from showreel.catalog.forms import check_inputs, is_offered
from showreel.core.clock import now_seconds
from showreel.core.settings import GenerationTimes, settings
from showreel.generation.models import InputMedia, JobRequest, Subject, Terms, Wanted
from showreel.storyboards.generations.choice import ModelChoice
from showreel.storyboards.generations.prompts import image_prompt, speech, video_prompt
from showreel.storyboards.models import Medium, ShotInProject
from showreel.storyboards.rows import shot_pk

SUBJECT = "shot"
KINDS: dict[Medium, str] = {"image": "shot-image", "video": "shot-video", "audio": "shot-audio"}
"""The kinds of these jobs, as lists show them."""
BUCKETS: dict[Medium, str] = {
    "image": "project-assets",
    "video": "generation-videos",
    "audio": "audio",
}
MOST_CHARS = 2500
"""The longest prompt for a model whose limit the catalogue doesn't have."""
IN_LANE = 2
"""By how much a job in a lane may take longer: it may wait as long as the vendor may take."""
OWN_FORM = "job"
"""The form of models that are ordered by a job's own fields."""


@dataclass(frozen=True)
class Making:
    """The shot, the medium to make of it, and the model."""

    found: ShotInProject
    medium: Medium
    choice: ModelChoice


def job_request(making: Making, job_id: str, base_url: str, **more: Any) -> JobRequest:
    """Returns the request for a job; `more` are other fields of JobRequest. Raises InvalidInput for
    what the model can't do.
    """
    times, project, shot = settings(GenerationTimes), making.found.project, making.found.shot
    patience = IN_LANE if more.get("lane") else 1
    return JobRequest(
        job_id=job_id,
        workspace_id=project.workspace_id,
        project_id=project.id,
        kind=KINDS[making.medium],
        catalogue_id=making.choice.model.id,
        requested_model=making.choice.requested,
        fallback_reason=making.choice.reason,
        wanted=wanted(making.found, making.medium, making.choice.model),
        terms=Terms(
            deadline_at_seconds=now_seconds() + patience * times.generation_timeout_seconds,
            late_seconds=times.late_result_seconds,
        ),
        subject=Subject(kind=SUBJECT, id=shot.id),
        result_owner=shot_pk(shot.id),
        output_prefix=BUCKETS[making.medium],
        public_base_url=base_url,
        **more,
    )


def wanted(found: ShotInProject, medium: Medium, model: Model) -> Wanted:
    """Returns the job's `wanted`, in the form of the model. Raises InvalidInput."""
    prompt = _prompt(found, medium, model)
    seconds = found.shot.duration_ms / 1000 if found.shot.duration_ms else None
    ratio = nearest_ratio(found.project.aspect_ratio, model.capabilities.aspect_ratios)
    if model.form == OWN_FORM:
        return Wanted(
            media_type=medium,
            prompt=prompt,
            image_key=found.shot.image.key,
            raw_pictures=True,
            duration_seconds=seconds or 5,
            aspect_ratio=ratio,
        )
    given = {"prompt": prompt, "aspect_ratio": ratio, "duration": seconds}
    checked = check_inputs(model, given | _pictures(found, medium, model))
    return Wanted(
        media_type=medium,
        prompt=checked.prompt,
        characters=len(checked.prompt) or None,
        duration_seconds=checked.duration_seconds,
        inputs=checked.inputs,
        input_media=tuple(InputMedia(path=one.path, key=one.url) for one in checked.media),
        aspect_ratio=ratio,
        native_audio=checked.native_audio,
    )


def nearest_ratio(wished: str, ratios: tuple[str, ...]) -> str:
    """Returns the model's nearest aspect ratio; the wish itself if the model lists none."""
    if wished in ratios or not ratios:
        return wished
    known = [ratio for ratio in ratios if ":" in ratio]
    return min(known, key=lambda ratio: abs(_value(ratio) / _value(wished) - 1), default=wished)


def _value(ratio: str) -> float:
    width, height = map(float, ratio.split(":"))
    return width / height


def _prompt(found: ShotInProject, medium: Medium, model: Model) -> str:
    most = model.capabilities.max_prompt_chars or MOST_CHARS
    if medium == "audio":
        return speech(found.shot) or ""
    return image_prompt(found, most) if medium == "image" else video_prompt(found, most)


def _pictures(found: ShotInProject, medium: Medium, model: Model) -> dict[str, Any]:
    """Returns our object keys by the model's fields: the shot's picture first, then the project's
    reference image if the model takes one.
    """
    reference = [key for key in (found.project.reference_image_key,) if key]
    first = [key for key in (found.shot.image.key,) if key and medium == "video"]
    if medium == "audio":
        return {}
    if medium == "image":
        return _field(model, "references", reference) or _field(model, "image", reference)
    begins = _field(model, "image", first)
    rest = reference if begins else [*first, *reference]
    return begins | _field(model, "references", rest[: model.capabilities.max_references or 1])


def _field(model: Model, role: FieldRole, keys: list[str]) -> dict[str, Any]:
    for name, field in get_form(model).fields.items() if keys else ():
        if field.role == role and is_offered(model, field):
            return {name: keys if field.type.endswith("_list") else keys[0]}
    return {}
