"""Builds the nodes that FFmpeg makes, and the two ends of a graph: uploads and outputs."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from showreel.graphs.building.node import Building, ending_type
from showreel.graphs.given import GivenValue
from showreel.graphs.handles import TYPES, Handle
from showreel.graphs.models import MAX_EDGES, DataType, Input, Step
from showreel.graphs.operations import Operation, operation_of, operations

OURS = "Value error, "
"""The prefix that pydantic puts before the messages of our own validators."""
OUTPUT = Handle(
    name="input",
    types=("any",),
    is_list=True,
    most=MAX_EDGES,
    required=True,
    aliases=("inputs", "result", "text", "image", "video", "audio"),
    description="a result of the graph",
)
UPLOAD = Handle(
    name="url",
    types=("image", "video", "audio"),
    required=True,
    aliases=("asset_url", "file_url", "image_url", "video_url", "audio_url", "media_url"),
    description="a public https URL, or one of POST /api/uploads",
)


def build_operated(one: Building) -> Step:
    """Returns the step of a Transform or Combine node."""
    step = Step(node_id=one.node.id, kind=one.kind)
    asked = one.given.param("operation", "op")
    usual = "concat" if one.kind == "Combine" else None
    operation = operation_of(asked.value if asked else usual)
    if operation is None:
        _no_operation(one, asked)
        return step
    settings = _settings(one, operation)
    one.arrive(operation.handles)
    inputs = one.media(operation.handles)
    one.require(operation.handles, inputs)
    found = {
        "operation": operation.name,
        "settings": settings,
        "inputs": inputs,
        "output": operation.output or _first_type(one, operation, inputs),
    }
    return step.model_copy(update=found)


def _no_operation(one: Building, asked: GivenValue | None) -> None:
    message = f"must be one of {', '.join(operations())}"
    if asked is None:
        one.faults.add("missing_operation", message, "params.operation", is_draft=True)
    else:
        one.faults.add("unknown_operation", message, asked.field)


def _settings(one: Building, operation: Operation) -> dict[str, Any]:
    """Returns the operation's parameters with their defaults; none if there is a finding."""
    fields = operation.parameters.model_fields.keys() - {"operation"}
    found = {name: one.given.param(name) for name in sorted(fields)}
    given = {name: value for name, value in found.items() if value is not None}
    try:
        settings = operation.parameters.model_validate(
            {name: value.value for name, value in given.items()}
        )
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = _snake(operation, fault["loc"])
            path = given[name].field if name in given else f"params.{name}".rstrip(".")
            is_draft = fault["type"] == "missing" or (not fault["loc"] and not given)
            message = fault["msg"].removeprefix(OURS)
            one.faults.add("invalid_param", message, path, is_draft=is_draft)
        return {}
    return settings.model_dump(mode="json", exclude={"operation"})


def _snake(operation: Operation, loc: tuple[int | str, ...]) -> str:
    """Returns the name of the parameter that a fault is about, in snake_case."""
    names = operation.parameters.model_fields
    return next((name for name in names if loc and to_camel(name) == to_camel(str(loc[0]))), "")


def _first_type(
    one: Building, operation: Operation, inputs: Mapping[str, Sequence[Input]]
) -> DataType:
    """Returns the type of the first input. Adds a finding if a handle has several types."""
    for handle in operation.handles:
        types = dict.fromkeys(part.type for part in inputs.get(handle.name, ()))
        types.pop("any", None)
        if len(types) > 1:
            message = f"takes one type at a time, not {' and '.join(types)}"
            one.faults.add("incompatible_handles", message, f"inputs.{handle.name}")
        if inputs.get(handle.name):
            return next(iter(types), handle.types[0] if len(handle.types) == 1 else "any")
    return operation.handles[-1].types[0]


def build_upload(one: Building) -> Step:
    """Returns the step of an Upload node."""
    one.arrive(())
    written = one.given.literal(UPLOAD)
    media = _media_type(one, written)
    inputs = one.urls(UPLOAD.model_copy(update={"types": (media,)}), written) if written else ()
    if written is None:
        one.faults.add("missing_input", "has no url", "params.url", is_draft=True)
    return Step(
        node_id=one.node.id,
        kind=one.kind,
        inputs={"url": inputs} if inputs else {},
        output=media,
    )


def _media_type(one: Building, written: GivenValue | None) -> DataType:
    """Returns the type that the node states, else the one of the URL's extension, else `any`."""
    said = one.given.param("media_type", "type", "content_type")
    word = str(said.value).partition("/")[0].lower() if said else ""
    url = str(written.value) if written else ""
    by_name = written.field.rpartition(".")[2].partition("_")[0] if written else ""
    found: DataType | None = next(
        (one_ for one_ in TYPES if one_ in {word, by_name} and one_ != "text"), ending_type(url)
    )
    if said is not None and word not in UPLOAD.types:
        one.faults.add("invalid_param", "must be image, video or audio", said.field)
    elif found is None and written is not None:
        message = "can't be derived from the URL; must be image, video or audio"
        one.faults.add("invalid_param", message, "params.media_type")
    return found or "any"


def build_output(one: Building) -> Step:
    """Returns the step of an Output node, whose output is its inputs."""
    one.arrive((OUTPUT,))
    inputs = {
        name: tuple(arriving.input for arriving in incoming)
        for name, incoming in one.arrived.items()
    }
    one.require((OUTPUT,), inputs)
    types = {part.type for parts in inputs.values() for part in parts}
    output: DataType = types.pop() if len(types) == 1 else "any"
    return Step(node_id=one.node.id, kind=one.kind, inputs=inputs, output=output, is_list=True)
