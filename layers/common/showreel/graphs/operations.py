"""Operations of Transform and Combine nodes: FFmpeg's, with their inputs as handles."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from showreel.graphs.handles import Handle
from showreel.graphs.kinds import squashed
from showreel.graphs.models import DataType
from showreel.media.operations.models import OPERATIONS, Parameters, Takes

MAIN = "media"
"""The handle of the media that an operation changes."""
ALIASES: Mapping[str, tuple[str, ...]] = {
    MAIN: ("input", "inputs", "source", "clip", "clips", "base", "background", "url", "urls"),
    "overlay": ("logo", "foreground", "watermark"),
    "audio": ("music", "sound", "track", "voice"),
}
OUR_MODEL = "showreel/ffmpeg"
"""The catalogue's model that carries out every operation."""
LEAST_PARTS = 2
"""The least number of media that are joined."""
USUAL_SECONDS = 8.0
SECONDS: Mapping[str, float] = {"extract-frame": 3, "extract-audio": 4, "concat": 15, "overlay": 15}
"""How many seconds an operation usually takes."""


@dataclass(frozen=True)
class Operation:
    """One operation. Without `output` the result has the type of its main input."""

    name: str
    parameters: type[Parameters]
    handles: tuple[Handle, ...]
    output: DataType | None

    @property
    def description(self) -> str:
        """Its documented description, the docstring of its parameters."""
        return " ".join((self.parameters.__doc__ or "").split())

    @property
    def seconds(self) -> float:
        """How many seconds it usually takes."""
        return SECONDS.get(self.name, USUAL_SECONDS)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its parameters; nodes may have more, such as an editor's own."""
        schema = self.parameters.model_json_schema(by_alias=False)
        del schema["additionalProperties"]
        return schema


@functools.cache
def operations() -> Mapping[str, Operation]:
    """Returns all operations by name."""
    return {name: _operation(name, parameters) for name, parameters in OPERATIONS.items()}


def operation_of(name: object) -> Operation | None:
    """Returns the operation of that name, in any spelling; None if there is none."""
    if not isinstance(name, str):
        return None
    found = (one for one in operations().values() if squashed(one.name) == squashed(name))
    return next(found, None)


def _operation(name: str, parameters: type[Parameters]) -> Operation:
    takes = parameters.takes
    handles = tuple(_handle(one, takes[one], _others(one, takes)) for one in takes)
    output: DataType | None = None if parameters.gives == "same" else parameters.gives
    return Operation(name, parameters, handles, output)


def _others(name: str, takes: Mapping[str, Takes]) -> frozenset[str]:
    """Returns the types whose names mean another handle than the main one."""
    others = (takes[one].kinds[0] for one in takes if one != MAIN)
    return frozenset(others) if name == MAIN else frozenset()


def _handle(name: str, takes: Takes, others: frozenset[str]) -> Handle:
    types = [one for one in takes.kinds if one not in others]
    if name != MAIN:
        types = types[:1]
    names: Iterable[str] = (
        *ALIASES.get(name, ()),
        *(spelt for one in types for spelt in (one, f"{one}s", f"{one}_url", f"{one}_urls")),
    )
    return Handle(
        name=name,
        types=takes.kinds,
        is_list=takes.most > 1,
        most=takes.most,
        required=True,
        least=LEAST_PARTS if takes.most > 1 else 1,
        aliases=tuple(one for one in names if one != name),
    )
