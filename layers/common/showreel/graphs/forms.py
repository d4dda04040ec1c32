"""Makes JSON Schemas of parameters: of models' forms, of operations and of nodes."""

from collections.abc import Callable, Mapping
from typing import Any

from showreel.catalog import Model
from showreel.catalog.catalogue import get_form
from showreel.catalog.fields import FormField
from showreel.catalog.forms import bounded, is_offered, is_required
from showreel.catalog.values import MAX_KEYFRAMES, MAX_TRACKS
from showreel.graphs.building.build import MOST_RETRIES, MOST_TIMEOUT_SECONDS
from showreel.graphs.calls import ROLES

Schema = dict[str, Any]
COMMON: Schema = {
    "inputs": {"type": "object", "description": "values by handle, where no edge leads"},
    "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": MOST_TIMEOUT_SECONDS},
    "retries": {"type": "integer", "minimum": 0, "maximum": MOST_RETRIES},
}
"""The parameters of every node that runs."""
TEMPLATED = "may have `{{ name }}`: what comes in at the handle of that name"


def object_schema(properties: Mapping[str, Schema], required: list[str] | None = None) -> Schema:
    """Returns the schema of an object with these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        **({"required": required} if required else {}),
    }


def model_schema(model: Model) -> Schema:
    """Returns the schema of a model's parameters, without those that are handles."""
    fields = {
        name: field
        for name, field in get_form(model).fields.items()
        if is_offered(model, field) and field.role not in ROLES and not field.media_kind
    }
    required = [name for name, field in fields.items() if is_required(model, field)]
    return object_schema(
        {name: _of_field(model, field) for name, field in fields.items()}, required
    )


def _of_field(model: Model, given: FormField) -> Schema:
    field = bounded(model.capabilities, given)
    schema = _chosen(model, field) or _TYPES[field.type](field)
    return schema if field.default is None else {**schema, "default": field.default}


def _chosen(model: Model, field: FormField) -> Schema | None:
    """Returns the schema of a field whose values the model lists, None for others."""
    can = model.capabilities
    if field.role == "duration" and can.duration_seconds is not None:
        return {"type": "number", "enum": list(can.duration_seconds.choices())}
    if field.role == "aspect_ratio":
        return {"type": "string", "enum": list(can.aspect_ratios)}
    return None


def _number(field: FormField) -> Schema:
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    return {"type": field.type, **{k: v for k, v in bounds.items() if v is not None}}


def _string(field: FormField) -> Schema:
    schema = {"type": "string", "maxLength": field.max_length}
    return schema if field.role else {**schema, "description": TEMPLATED}


def _tracks(_field: FormField) -> Schema:
    frame = object_schema(
        {
            "timestamp": {"type": "number", "minimum": 0},
            "duration": {"type": "number", "minimum": 0},
            "url": {"type": "string"},
        },
        ["timestamp", "duration", "url"],
    )
    frames = {"type": "array", "items": frame, "minItems": 1, "maxItems": MAX_KEYFRAMES}
    kinds = {"enum": ["video", "audio", "image"]}
    track = object_schema({"type": kinds, "keyframes": frames}, ["type", "keyframes"])
    return {"type": "array", "items": track, "minItems": 1, "maxItems": MAX_TRACKS}


_TYPES: Mapping[str, Callable[[FormField], Schema]] = {
    "string": _string,
    "number": _number,
    "integer": _number,
    "boolean": lambda _field: {"type": "boolean"},
    "enum": lambda field: {"type": "string", "enum": list(field.choices)},
    "tracks": _tracks,
}
