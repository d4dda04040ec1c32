"""Handles: the ends of edges, the types that pass through them, and their conversion.

| from | into | becomes |
| text | a handle for texts, whatever its name | its text, e.g. the prompt |
| image | a Video node | its first frame |
| one | a list | a list of one |
| a list | one medium | its first entry |
| texts | one text | lines, in the order of the edges |
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from showreel.core.models import FrozenModel
from showreel.graphs.kinds import squashed
from showreel.graphs.models import DataType, Port

GENERIC = frozenset({"", "input", "in", "default", "source", "value", "media", "asset"})
"""The names that stand for whichever handle takes the type."""
OUTPUT_NAMES = frozenset(
    {"", "output", "out", "default", "result", "value", "media", "asset", "source", "url"}
)
TYPES: tuple[DataType, ...] = ("text", "image", "video", "audio")


class Handle(FrozenModel):
    """One input of a node."""

    name: str
    types: tuple[DataType, ...]
    is_list: bool = False
    most: int = 1
    """How many inputs it takes; any number of texts, which are joined."""
    required: bool = False
    least: int = 1
    """How many inputs it needs, if it is required."""
    aliases: tuple[str, ...] = ()
    description: str = ""
    field: str | None = Field(default=None, exclude=True)
    """The field of the model's form that it fills."""

    @property
    def is_text(self) -> bool:
        """Whether it takes texts only."""
        return self.types == ("text",)

    def takes(self, given: DataType) -> bool:
        """Returns whether it takes the type; unknown types (`any`) are taken."""
        return given == "any" or "any" in self.types or given in self.types

    def is_called(self, name: str) -> bool:
        """Returns whether the name is its own or an alias, in any spelling."""
        return squashed(name) in {squashed(one) for one in (self.name, *self.aliases)}


@dataclass(frozen=True)
class NoHandle:
    """Why an edge can't end at a node: a finding's code and message."""

    code: str
    message: str


def handle_for(handles: Sequence[Handle], name: str, given: DataType) -> Handle | NoHandle:
    """Returns the handle that `name` means for the type, or why there is none."""
    own = [handle for handle in handles if squashed(handle.name) == squashed(name)]
    named = own + [handle for handle in handles if handle.is_called(name) and handle not in own]
    fitting = next((handle for handle in named if handle.takes(given)), None)
    if fitting is not None:
        return fitting
    coerced = _by_type(handles, named, squashed(name), given)
    if coerced is not None:
        return coerced
    if named:
        return NoHandle("incompatible_handles", f"takes {_or(named[0].types)}, not {given}")
    offered = ", ".join(handle.name for handle in handles) or "none"
    return NoHandle("unknown_handle", f"no such input; there are: {offered}")


def _by_type(
    handles: Sequence[Handle], named: Sequence[Handle], name: str, given: DataType
) -> Handle | None:
    """Returns the first handle that takes the type, for a name that leaves it open. A picture sent
    to a handle for videos becomes the first frame. For type `any` only one handle may fit.
    """
    is_frame = given == "image" and any(handle.types == ("video",) for handle in named)
    is_open = not named and (name in GENERIC or name == given)
    fitting = [handle for handle in handles if handle.takes(given)]
    if not (is_frame or is_open) or not fitting or (given == "any" and len(fitting) > 1):
        return None
    return fitting[0]


def is_output(name: str, ports: Sequence[Port], output: DataType) -> bool:
    """Returns whether `name` means a node's output; each node has one, under any of these names."""
    known = OUTPUT_NAMES | {output, f"{output}s", f"{output}url"}
    if output == "any":
        known |= {*TYPES, *(f"{one}s" for one in TYPES)}
    return squashed(name) in {squashed(one) for one in known} or any(
        name in {port.id, port.name} for port in ports
    )


def port_name(name: str, ports: Sequence[Port]) -> str:
    """Returns the name of the handle behind the id of an editor's port."""
    return next((port.name for port in ports if port.id == name), name)


def _or(types: Sequence[DataType]) -> str:
    return " or ".join(types)
