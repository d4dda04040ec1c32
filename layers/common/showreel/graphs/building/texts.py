"""The texts of a node: from edges, as written, and templates filled with both.

The text of a handle is the first of: the template in `params` if it contains the handle's own name;
what comes through edges; the value in `params.inputs`; the one in `params`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from showreel.graphs.building.node import Building
from showreel.graphs.given import GivenValue
from showreel.graphs.handles import Handle
from showreel.graphs.kinds import squashed
from showreel.graphs.models import Input, Part
from showreel.graphs.templates import TemplateError, names_in, parts_of


@dataclass(frozen=True)
class Texts:
    """The texts by handle or form field, and the inputs at the handles that they name."""

    parts: dict[str, tuple[Part, ...]]
    inputs: dict[str, tuple[Input, ...]]


def texts_of(one: Building, handles: Sequence[Handle], words: Mapping[str, GivenValue]) -> Texts:
    """Returns the texts of the handles, and those of form fields in `words`. Notes findings."""
    wired = {squashed(name): name for name in one.arrived}
    inputs = one.given.inputs.items()
    values = {name: found.value for name, found in inputs if isinstance(found.value, str)}
    found: dict[str, tuple[Part, ...]] = {}
    for name, written, is_value in _written(one, handles, words):
        own = _own_name(name, written)
        within = () if own in values and not is_value else (own,)
        try:
            found[name] = parts_of(written.value, values, wired, within)
        except TemplateError as error:
            _note(one, error, written.field)
            found[name] = (Part(text=written.value),)
    named = {part.handle for parts in found.values() for part in parts}
    used = {name: incoming for name, incoming in one.arrived.items() if name in named}
    return Texts(found, {name: tuple(arriving.input for arriving in used[name]) for name in used})


def _own_name(name: str, written: GivenValue) -> str:
    """Returns the name that a text may not contain: its handle's, or that of its parameter."""
    parameter = squashed(written.field.rpartition(".")[2])
    named = map(squashed, names_in(written.value)) if isinstance(written.value, str) else ()
    return parameter if parameter in named else squashed(name)


def check_values(one: Building) -> None:
    """Notes a finding for each value in `params.inputs` that refers to itself, used or not."""
    inputs = one.given.inputs.items()
    values = {name: found.value for name, found in inputs if isinstance(found.value, str)}
    for name, text in values.items():
        try:
            parts_of(text, values, {}, (name,))
        except TemplateError as error:
            if error.code != "template_unknown":
                _note(one, error, one.given.inputs[name].field)


def _note(one: Building, error: TemplateError, field: str) -> None:
    is_draft = error.code == "template_unknown"
    if not any(fault.code == error.code and fault.field == field for fault in one.faults.found):
        one.faults.add(error.code, str(error), field, is_draft=is_draft)


def _written(
    one: Building, handles: Sequence[Handle], words: Mapping[str, GivenValue]
) -> Iterator[tuple[str, GivenValue, bool]]:
    """Yields each handle's or field's name and text, and whether that is in `params.inputs`."""
    for handle in handles:
        literal = one.given.literal(handle) if handle.is_text else None
        top = one.given.top(handle)
        if not handle.is_text:
            continue
        if top is not None and _is_frame(handle, top):
            yield handle.name, top, False
        elif handle.name in one.arrived:
            yield (
                handle.name,
                GivenValue(f"{{{{ {handle.name} }}}}", f"inputs.{handle.name}"),
                False,
            )
        elif literal is not None and not isinstance(literal.value, str):
            one.faults.add("invalid_param", "must be a text", literal.field)
        elif literal is not None:
            yield handle.name, literal, literal is not top
    for name, value in words.items():
        yield name, value, False


def _is_frame(handle: Handle, top: GivenValue) -> bool:
    """Returns whether a template contains the handle's own name."""
    if not isinstance(top.value, str):
        return False
    return squashed(handle.name) in map(squashed, names_in(top.value))
