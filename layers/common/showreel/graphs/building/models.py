"""Builds the nodes that a model of the catalogue makes, and texts that stand in the graph."""

from collections.abc import Mapping, Sequence
from typing import Any

from showreel.catalog import Model
from showreel.catalog.catalogue import get_form
from showreel.catalog.forms import ALIASES, CheckedInputs, check_inputs, is_offered
from showreel.core.errors import InvalidInput
from showreel.graphs.building.node import Building
from showreel.graphs.building.texts import texts_of
from showreel.graphs.calls import HANDLES, ROLES, chosen, model_handles, output_of, placed
from showreel.graphs.given import GivenValue
from showreel.graphs.handles import Handle
from showreel.graphs.kinds import MAKES
from showreel.graphs.models import DataType, Step
from showreel.graphs.trial import STAND_IN, trial_inputs

NAMES_OF_CHOICE = {"model": ("model", "model_id"), "workflow": ("workflow", "workflow_type")}


def build_modelled(one: Building) -> Step:
    """Returns the step of a node that asks a model, or whose text stands in the graph."""
    usual = HANDLES.get(one.kind, ())
    if usual:
        one.arrive(usual)
    here = {*one.arrived, *(handle.name for handle in usual if one.given.literal(handle))}
    try:
        model = chosen(one.kind, one.given, here)
    except InvalidInput as error:
        _note(one, error)
        return _unfinished(one)
    if model is None:
        return _words(one) if usual else _nameless(one)
    handles = model_handles(model)
    if usual:
        _place(one, usual, handles, model)
    else:
        one.arrive(handles)
    return _called(one, model, handles)


def _unfinished(one: Building) -> Step:
    output: DataType = MAKES.get(one.kind, "any")
    return Step(node_id=one.node.id, kind=one.kind, output=output)


def _note(one: Building, error: InvalidInput) -> None:
    name = error.details["details"][0]["field"]
    asked = one.given.param(*NAMES_OF_CHOICE.get(name, (name,)), "operation")
    one.faults.add(error.code, error.message, asked.field if asked else f"params.{name}")


def _nameless(one: Building) -> Step:
    name = "model" if one.kind == "Model" else "workflow"
    one.faults.add("missing_model", f"names no {name}", f"params.{name}", is_draft=True)
    return _unfinished(one)


def _words(one: Building) -> Step:
    texts = texts_of(one, HANDLES[one.kind], {})
    if not texts.parts:
        one.faults.add("missing_input", "has no text", "params.prompt", is_draft=True)
    found = {"texts": texts.parts, "inputs": texts.inputs}
    return _unfinished(one).model_copy(update=found)


def _called(one: Building, model: Model, handles: Sequence[Handle]) -> Step:
    settings, words, fields = _settings(model, one)
    texts = texts_of(one, handles, words)
    step = Step(
        node_id=one.node.id,
        kind=one.kind,
        model_id=model.id,
        settings=settings,
        texts=texts.parts,
        inputs=one.media(handles) | texts.inputs,
        output=output_of(model),
    )
    checked = _try_form(one, model, step, fields)
    is_list = step.output == "any" or (checked is not None and checked.count > 1)
    return step.model_copy(update={"is_list": is_list})


def _place(one: Building, usual: Sequence[Handle], handles: Sequence[Handle], model: Model) -> None:
    """Moves wires from the kind's handles to the model's; a finding for each it lacks."""
    by_name = {handle.name: handle for handle in usual}
    arrived, one.arrived = one.arrived, {}
    for name, incoming in arrived.items():
        handle = placed(by_name[name], handles) if name in by_name else None
        if handle is not None or name not in by_name:
            one.arrived.setdefault(handle.name if handle else name, []).extend(incoming)
            continue
        for arriving in incoming:
            one.refuse(arriving, "input_unsupported", f"{model.id} takes no {name}")
    for handle in usual:
        literal = one.given.literal(handle)
        if literal is not None and placed(handle, handles) is None:
            message = f"{model.id} takes no {handle.name}"
            one.faults.add("input_unsupported", message, literal.field)


def _settings(
    model: Model, one: Building
) -> tuple[dict[str, Any], dict[str, GivenValue], dict[str, str]]:
    """Returns the form's fields that aren't handles: values, texts, and the path of each."""
    settings: dict[str, Any] = {}
    words: dict[str, GivenValue] = {}
    fields: dict[str, str] = {}
    for name, field in get_form(model).fields.items():
        if not is_offered(model, field) or field.role in ROLES or field.media_kind:
            continue
        sent = (field.sends,) if field.sends and not field.mapping else ()
        found = one.given.param(name, *sent, *(ALIASES[field.role] if field.role else ()))
        if found is None:
            continue
        fields[name] = found.field
        if field.type == "string" and field.role is None and isinstance(found.value, str):
            words[name] = found
        else:
            settings[name] = found.value
    return settings, words, fields


def _try_form(
    one: Building, model: Model, step: Step, fields: Mapping[str, str]
) -> CheckedInputs | None:
    """Checks the model's form, with stand-ins for other nodes' results; None if it is refused."""
    handles = {str(handle.field): handle for handle in model_handles(model)}
    missing = one.require(list(handles.values()), step.inputs, *step.texts)
    left = {field for field, handle in handles.items() if handle.name in missing}
    for name, field in get_form(model).fields.items():
        if field.required and name not in handles and name not in {*step.settings, *step.texts}:
            one.faults.add("missing_param", f"{model.id} needs it", f"params.{name}", is_draft=True)
            left.add(name)
    try:
        checked = check_inputs(model, trial_inputs(model, step))
    except InvalidInput as error:
        for fault in error.details["details"]:
            name = fault["field"]
            path = fields.get(name) or _path_of(one, handles.get(name), name)
            if name not in left:
                one.faults.add("invalid_param", fault["message"], path)
        return None
    known = {STAND_IN, *(part.url for parts in step.inputs.values() for part in parts)}
    for media in checked.media:
        if media.url not in known:
            _check_nested(one, media.url, fields)
    return checked


def _path_of(one: Building, handle: Handle | None, field: str) -> str:
    literal = one.given.literal(handle) if handle else None
    return literal.field if literal else f"inputs.{handle.name if handle else field}"


def _check_nested(one: Building, url: str, fields: Mapping[str, str]) -> None:
    try:
        one.check_url(url)
    except InvalidInput as error:
        one.faults.add("bad_url", error.message, fields.get("tracks", "params"))
