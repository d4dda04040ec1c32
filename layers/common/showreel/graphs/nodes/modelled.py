"""Nodes that a model of the catalogue makes: Image, Video, Audio, Text, Model, Gateway."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from showreel.catalog import Model, get_model
from showreel.catalog.forms import CheckedInputs, check_inputs
from showreel.catalog.workflows import OF_ANY_KIND, OF_WORDS
from showreel.core.errors import InvalidInput
from showreel.generation.decide import placed
from showreel.generation.models import Job, Wanted
from showreel.graphs.calls import form_inputs
from showreel.graphs.models import Artifact
from showreel.graphs.nodes.results import output_of
from showreel.graphs.ports import JobOrder, NodeCall, Output
from showreel.orders.media import TOLERANCE_SECONDS
from showreel.orders.service import BUCKETS

OWN_FORM = "job"
"""The form of models that are ordered by a job's own fields."""
TEXTS = "work/text"
USUAL_SECONDS = 5
MAX_INPUT_BYTES = 120_000
"""The most bytes of a job's inputs in its row: 30 jobs are written in one transaction of 4 MB."""
EXCERPT_CHARS = 500
"""How much of a text's prompt the row has beside its inputs."""


class Modelled:
    """A node that a model makes."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        """Returns the order of the model. Raises InvalidInput for what its form refuses."""
        model = get_model(str(call.step.model_id))
        texts, media = call.inputs.texts, call.inputs.media
        given = {name: [_place_of(one) for one in every] for name, every in media.items()}
        checked = check_inputs(model, form_inputs(model, call.step.settings, texts, given))
        if len(json.dumps(checked.inputs)) > MAX_INPUT_BYTES:
            raise InvalidInput("The texts are too long together", code="text_too_long")
        keys = {one.key for every in media.values() for one in every if one.key}
        return JobOrder(
            catalogue_id=model.id,
            requested_model=model.id,
            wanted=_wanted(model, checked, keys, media),
            output_prefix=BUCKETS.get(model.media_type, TEXTS),
            may_be_any_media=model.workflow_type in OF_ANY_KIND,
            may_be_data=model.workflow_type in OF_WORDS,
        )

    def output(self, call: NodeCall, job: Job) -> Output:
        """Returns the job's results."""
        return output_of(call.step, job)


def _wanted(
    model: Model, checked: CheckedInputs, keys: set[str], media: Mapping[str, tuple[Artifact, ...]]
) -> Wanted:
    ratios, is_text = model.capabilities.aspect_ratios, model.media_type == "text"
    common = {
        "media_type": model.media_type,
        "prompt": checked.prompt[:EXCERPT_CHARS] if is_text else checked.prompt,
        "count": checked.count,
        "native_audio": checked.native_audio,
        "aspect_ratio": checked.aspect_ratio or (ratios[0] if ratios else "16:9"),
    }
    if model.form == OWN_FORM:
        seconds = checked.duration_seconds or USUAL_SECONDS
        return Wanted(
            **common, **_pictures(checked, keys), raw_pictures=True, duration_seconds=seconds
        )
    return Wanted(
        **common,
        **placed(checked.media, keys),
        inputs=checked.inputs,
        characters=len(checked.prompt) or None,
        duration_seconds=_seconds(model, media) or checked.duration_seconds,
    )


def _pictures(checked: CheckedInputs, keys: set[str]) -> dict[str, Any]:
    """Returns the first and the last frame, by key or by URL."""
    found = {one.path[0]: one.url for one in checked.media}
    names = {"image": found.get("image_url"), "end_image": found.get("end_image_url")}
    return {f"{name}_{'key' if url in keys else 'url'}": url for name, url in names.items() if url}


def _seconds(model: Model, media: Mapping[str, tuple[Artifact, ...]]) -> float | None:
    """Returns the result's length in seconds, if the model makes it as long as its input.

    Raises InvalidInput `media_too_long` or `media_too_short` for an input that the model doesn't
    take.
    """
    can = model.capabilities
    every: Iterable[Artifact] = (one for some in media.values() for one in some)
    lengths = [one.duration_seconds for one in every if one.type == can.duration_from]
    seconds = max((one for one in lengths if one is not None), default=None)
    if seconds is None or can.duration_seconds is None:
        return seconds
    shortest, longest = can.duration_seconds.choices()[0], can.duration_seconds.choices()[-1]
    if seconds > longest + TOLERANCE_SECONDS:
        message = f"The {can.duration_from} lasts at most {longest} s"
        raise InvalidInput(message, code="media_too_long", field=can.duration_from)
    if seconds < shortest - TOLERANCE_SECONDS:
        message = f"The {can.duration_from} lasts at least {shortest} s"
        raise InvalidInput(message, code="media_too_short", field=can.duration_from)
    return seconds


def _place_of(artifact: Artifact) -> str:
    """Returns the object's key, or a URL that is fetched when the job is sent."""
    return artifact.key or artifact.url or ""
