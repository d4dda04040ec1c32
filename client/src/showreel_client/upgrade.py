"""Upgrades video models to ones that take the given input.

A reference video needs reference-to-video, pictures need image-to-video, words alone need
text-to-video. A model that can't is replaced by its sibling, else by the workflow's default.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from showreel_client.catalogue import Model, Models

TEXT, IMAGE, REFERENCE = "text-to-video", "image-to-video", "reference-to-video"
WORKFLOWS = frozenset({TEXT, IMAGE, REFERENCE})
"""Only models of these workflows are replaced, not those for editing or lip-sync."""
SUITABLE: Mapping[str, tuple[str, ...]] = {
    "video": (REFERENCE,),
    "image": (IMAGE, REFERENCE),
    "text": (TEXT,),
}
"""Workflows by the given input; a replacement has the first one."""
DEFAULTS: Mapping[tuple[str, str], str] = {
    ("fal-ai", TEXT): "fal-ai/kling-video/o3/standard/text-to-video",
    ("fal-ai", IMAGE): "fal-ai/kling-video/o3/standard/image-to-video",
    ("fal-ai", REFERENCE): "fal-ai/kling-video/o3/standard/reference-to-video",
    ("gmi-cloud", TEXT): "gmi/kling-v3-omni",
    ("gmi-cloud", IMAGE): "gmi/ltx-fast-i2v",
    ("gmi-cloud", REFERENCE): "gmi/wan2.7-r2v",
}
"""The defaults for a server whose catalogue marks none."""
_WORKFLOW = re.compile(r"[/-](?:(text|image|reference)(?:-to-|2)video|([tir])2v)(?=[/-]|$)")
_BY_LETTER = {"t": TEXT, "i": IMAGE, "r": REFERENCE}


@dataclass(frozen=True)
class Choice:
    """The model that is asked. `reason` is None if it is the one that was wanted."""

    model: str
    reason: str | None = None


@dataclass(frozen=True)
class Row:
    """A line of the table: a model, the given input (`text`, `image`, `video`), the model asked."""

    model: str
    given: str
    resolved: str
    reason: str | None


def upgrade_table(models: Models) -> Iterator[Row]:
    """Yields the replacement of every video model for every kind of input."""
    for model in models.values():
        if model.media_type == "video" and model.workflow_type in WORKFLOWS:
            for given in SUITABLE:
                choice = choose(model.id, frozenset({given}), models)
                yield Row(model.id, given, choice.model, choice.reason)


def choose(model_id: str, media: frozenset[str], models: Models) -> Choice:
    """Returns the model for these media (`image`, `video`; none stands for words alone)."""
    given = given_kind(media)
    wanted = models.get(model_id) or Model(model_id, workflow_type=workflow_in(model_id) or "")
    if is_suitable(wanted, given):
        return Choice(model_id)
    sibling = _sibling(wanted, given, models)
    found = sibling or _default(wanted, given, models)
    if found is None:
        return Choice(model_id)
    how = "same_family" if sibling else "default"
    why = f"incompatible_with_reference_input:{wanted.workflow_type}"
    return Choice(found.id, f"{why}->{how}:{found.id}")


def given_kind(media: frozenset[str]) -> str:
    """Returns `video` if it is given, else `image`, else `text`."""
    return next((kind for kind in ("video", "image") if kind in media), "text")


def needs_catalogue(model_id: str, media: frozenset[str]) -> bool:
    """Returns whether the id alone doesn't show that the model is suitable."""
    return workflow_in(model_id) not in SUITABLE[given_kind(media)]


def is_suitable(model: Model, given: str) -> bool:
    """Returns whether the model takes this input: by its entry's inputs, else by its workflow."""
    if model.workflow_type not in WORKFLOWS:
        return True
    if not model.inputs:
        return model.workflow_type in SUITABLE[given]
    takes = {name for name, presence in model.inputs.items() if presence != "none"}
    needs = {name for name, presence in model.inputs.items() if presence == "required"}
    if given == "video":
        return "video" in takes
    if given == "image":
        return bool(takes & {"image", "references"}) and "video" not in needs
    return not needs & {"image", "references", "video", "audio"}


def workflow_in(model_id: str) -> str | None:
    """Returns the workflow in an id, such as `…/image-to-video`, `…-t2v`, `…-image2video-…`."""
    found = _WORKFLOW.search(model_id)
    if found is None:
        return None
    return f"{found[1]}-to-video" if found[1] else _BY_LETTER[found[2]]


def family(model_id: str) -> str:
    """Returns the id without its workflow, which is the same for siblings."""
    return _WORKFLOW.sub("", model_id)


def _sibling(wanted: Model, given: str, models: Models) -> Model | None:
    kin = family(wanted.id)
    return next((one for one in _makers(given, models) if family(one.id) == kin), None)


def _default(wanted: Model, given: str, models: Models) -> Model | None:
    """Returns the default of the provider, else of fal: the catalogue's, the documented, or any."""
    workflow = SUITABLE[given][0]
    makers = list(_makers(given, models))
    provider = wanted.provider or ("gmi-cloud" if wanted.id.startswith("gmi/") else "fal-ai")
    return next(filter(None, (_best(makers, one, workflow) for one in (provider, "fal-ai"))), None)


def _best(makers: list[Model], provider: str, workflow: str) -> Model | None:
    of_provider = [model for model in makers if model.provider == provider]
    known = DEFAULTS.get((provider, workflow))
    return min(of_provider, key=lambda one: (not one.is_default, one.id != known), default=None)


def _makers(given: str, models: Models) -> Iterator[Model]:
    """Yields reachable video models of the right workflow that aren't retired."""
    for model in models.values():
        reachable = model.provider in {"fal-ai", "gmi-cloud"} and not model.is_retired
        if reachable and model.workflow_type == SUITABLE[given][0] and is_suitable(model, given):
            yield model
