"""Chooses the model that a node asks, and finds that model's inputs."""

import functools
from collections.abc import Collection, Mapping
from typing import Any

from showreel.catalog import Model, find_model, get_model, list_ids
from showreel.catalog.catalogue import default_models, get_form
from showreel.catalog.fields import FormField
from showreel.catalog.forms import bounded, is_offered, is_required
from showreel.catalog.upgrade import upgrade
from showreel.catalog.workflows import OF_ANY_KIND, OF_WORDS
from showreel.core.errors import InvalidInput
from showreel.graphs.given import NodeParameters
from showreel.graphs.handles import Handle
from showreel.graphs.kinds import MAKES
from showreel.graphs.models import DataType
from showreel.graphs.operations import OUR_MODEL

ROLES: Mapping[str, DataType] = {
    "prompt": "text",
    "image": "image",
    "end_image": "image",
    "references": "image",
    "video": "video",
    "audio": "audio",
}
"""The roles of form fields that are handles, with the handles' types."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt": ("text", "lyrics", "script"),
    "image": (
        *("image_url", "first_frame", "start_image", "start_image_url"),
        *("start_frame", "input_image"),
    ),
    "end_image": ("end_image_url", "last_frame", "tail_image_url", "image_tail", "end_frame"),
    "references": (
        *("images", "image_urls", "reference", "reference_image"),
        *("reference_images", "style_reference"),
    ),
    "video": ("video_url", "reference_video", "input_video"),
    "audio": ("audio_url", "reference_audio", "input_audio"),
}
"""Other names of the handles of each role. No name is in two roles."""
MOST_PICTURES = 20
"""The most pictures at a kind's handle; its model may take fewer."""
_OTHER = {"image": "references", "references": "image"}
"""The handle that takes pictures if a model lacks the one they were sent to."""


def _handle(role: str, *, is_list: bool = False, description: str) -> Handle:
    return Handle(
        name=role,
        types=(ROLES[role],),
        is_list=is_list,
        most=MOST_PICTURES if is_list else 1,
        aliases=NAMES[role],
        description=description,
    )


PROMPT = _handle("prompt", description="what is wanted, in words")
FIRST_FRAME = _handle("image", description="its first frame")
LAST_FRAME = _handle("end_image", description="its last frame")
REFERENCES = _handle("references", is_list=True, description="what is to be seen in it")
PICTURES = FIRST_FRAME.model_copy(
    update={
        "is_list": True,
        "most": MOST_PICTURES,
        "aliases": (*NAMES["image"], "references", *NAMES["references"]),
        "description": "pictures that it is made from",
    }
)
VIDEO = _handle("video", description="a video that it is made from")
SOUND = _handle("audio", description="a sound that it is made from")
HANDLES: Mapping[str, tuple[Handle, ...]] = {
    "Text": (PROMPT,),
    "Prompt": (PROMPT,),
    "Image": (PROMPT, PICTURES),
    "ImageEdit": (PROMPT, PICTURES.model_copy(update={"required": True})),
    "Video": (PROMPT, FIRST_FRAME, LAST_FRAME, REFERENCES, VIDEO, SOUND),
    "Audio": (PROMPT, SOUND, VIDEO),
}
"""The inputs of kinds whose node names no model. A model may take only some of them."""
SOUNDS = {"speech": "text-to-speech", "sound": "text-to-audio", "music": "text-to-music"}
"""The operations of an Audio node without a model, with their workflows."""


def model_handles(model: Model) -> tuple[Handle, ...]:
    """Returns the handles of a model: its prompt and media, named by their role or field."""
    return _handles_of(model.id)


@functools.cache
def _handles_of(model_id: str) -> tuple[Handle, ...]:
    model = get_model(model_id)
    fields = {
        name: field
        for name, field in get_form(model).fields.items()
        if is_offered(model, field) and (field.role in ROLES or field.media_kind)
    }
    roles = {field.role for field in fields.values()}
    return tuple(_of_field(model, name, field, roles) for name, field in fields.items())


def _of_field(model: Model, name: str, field: FormField, roles: Collection[str | None]) -> Handle:
    role = field.role or ""
    handle, other = role if role in ROLES else name, _OTHER.get(role)
    is_list = field.type.endswith("_list")
    aliases = (name, *NAMES.get(role, ()))
    if other is not None and other not in roles:
        aliases += (other, *NAMES[other])
    return Handle(
        name=handle,
        types=(field.media_kind or "text",),
        is_list=is_list,
        most=bounded(model.capabilities, field).max_items if is_list else 1,
        required=is_required(model, field),
        least=int(field.minimum or 1) if is_list else 1,
        aliases=tuple(dict.fromkeys(one for one in aliases if one != handle)),
        field=name,
    )


def placed(handle: Handle, handles: Collection[Handle]) -> Handle | None:
    """Returns the model's handle for inputs of a kind's handle, None if it lacks one."""
    by_name = {one.name: one for one in handles}
    return by_name.get(handle.name) or by_name.get(_OTHER.get(handle.name, ""))


def form_inputs(
    model: Model, settings: Mapping[str, Any], texts: Mapping[str, str], urls: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the inputs of the model's form under the form's own names: `texts` come by handle or
    field, lists of `urls` by handle. Where the form takes one URL, it gets the first.
    """
    handles = {handle.name: handle for handle in model_handles(model)}
    inputs = dict(settings)
    for name, text in texts.items():
        if name in handles and handles[name].field is not None:
            inputs[str(handles[name].field)] = text
        elif name in get_form(model).fields:
            inputs[name] = text
    for name, handle in handles.items():
        if not handle.is_text and urls.get(name):
            inputs[str(handle.field)] = list(urls[name]) if handle.is_list else urls[name][0]
    return inputs


def output_of(model: Model) -> DataType:
    """Returns the type that the model gives; `any` if it is known only at run time."""
    if model.workflow_type in OF_ANY_KIND:
        return "any"
    return "text" if model.workflow_type in OF_WORDS else model.media_type


def chosen(kind: str, given: NodeParameters, inputs: Collection[str]) -> Model | None:
    """Returns the model that a node of this kind asks; `inputs` are the handles that have an input.
    None for texts that no model writes, and for nodes that should name a model and don't.

    Raises InvalidInput `unknown_model`, `wrong_model`, `unknown_workflow`.
    """
    named = given.param("model", "model_id", "model_name")
    model = _named(named.value) if named is not None else None
    if kind == "Model":
        return model
    if kind == "Gateway":
        return model or _gateway(given)
    if kind == "Text" and model is None and given.param("text"):
        return None
    if model is None:
        return None if kind == "Prompt" else _default(_workflow(kind, given, inputs))
    if kind == "Video":
        pictures = not {"image", "references"}.isdisjoint(inputs)
        model = upgrade(model, has_images=pictures, has_video="video" in inputs).model
    if model.media_type != MAKES[kind]:
        message = f"{model.id} makes {model.media_type}; {kind} nodes need one for {MAKES[kind]}"
        raise InvalidInput(message, code="wrong_model", field="model")
    return model


def _named(model_id: object) -> Model:
    if not isinstance(model_id, str):
        raise InvalidInput("must be a model's id", code="unknown_model", field="model")
    if model_id == OUR_MODEL:
        message = "operations are Transform and Combine nodes"
        raise InvalidInput(message, code="wrong_model", field="model")
    return find_model(model_id) or get_model(model_id)


def _workflow(kind: str, given: NodeParameters, inputs: Collection[str]) -> str:
    """Returns the workflow of a node that names no model, by its kind and inputs."""
    has = set(inputs)
    if kind == "Image" and "image" not in has:
        return "text-to-image"
    if kind in {"Image", "ImageEdit"}:
        return "image-edit"
    if kind == "Video":
        return _video_workflow(has)
    if kind == "Audio":
        asked = given.param("operation", "op")
        usual = "video-to-audio" if "video" in has else "text-to-speech"
        return SOUNDS.get(str(asked.value).lower(), "") if asked else usual
    return "text-to-text"


def _video_workflow(has: set[str]) -> str:
    if "audio" in has:
        return "lip-sync" if "video" in has else "talking-head"
    if "video" in has or "references" in has:
        return "reference-to-video"
    return "image-to-video" if "image" in has else "text-to-video"


def _gateway(given: NodeParameters) -> Model | None:
    """Returns the default model of the node's workflow, of the provider if one is named."""
    workflow, provider = given.param("workflow", "workflow_type"), given.param("provider")
    if workflow is None:
        return None
    return _default(str(workflow.value), str(provider.value) if provider else None)


def _default(workflow: str, provider: str | None = None) -> Model:
    usual = (one for one in default_models(workflow) if provider in {None, one.provider})
    model = next(usual, None)
    if model is None and (ids := list_ids(None, workflow, provider)):
        return get_model(ids[0])
    if model is None:
        of = f" of {provider}" if provider else ""
        message = f"no model{of} for {workflow or 'that'}"
        raise InvalidInput(message, code="unknown_workflow", field="workflow")
    return model
