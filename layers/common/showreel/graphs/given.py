"""Reads the parameters of a node, whatever the spelling of their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from showreel.catalog.values import is_missing
from showreel.graphs.handles import Handle
from showreel.graphs.kinds import squashed
from showreel.graphs.models import Node

TEXT_NAMES = ("prompt", "text")


@dataclass(frozen=True)
class GivenValue:
    """A parameter, and the path under which the author gave it."""

    value: Any
    field: str


@dataclass(frozen=True)
class NodeParameters:
    """The parameters of a node, as its author wrote them."""

    node: Node

    @cached_property
    def _params(self) -> dict[str, GivenValue]:
        nested = self.node.params.get("settings")
        return {
            **_found(nested if isinstance(nested, Mapping) else {}, "params.settings"),
            **_found(self.node.params, "params"),
        }

    @cached_property
    def inputs(self) -> dict[str, GivenValue]:
        """The values in `params.inputs` by the squashed names of handles."""
        nested = self.node.params.get("inputs")
        return _found(nested if isinstance(nested, Mapping) else {}, "params.inputs")

    def param(self, *names: str) -> GivenValue | None:
        """Returns the first parameter that has a value, in `params` or `params.settings`."""
        return next((found for name in names if (found := self._params.get(squashed(name)))), None)

    def named(self, names: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
        """Returns the values and the paths of those parameters that are given."""
        values, fields = {}, {}
        for name in names:
            found = self.param(name)
            if found is not None:
                values[name], fields[name] = found.value, found.field
        return values, fields

    def literal(self, handle: Handle) -> GivenValue | None:
        """Returns the value written for a handle: in `params.inputs`, else in `params`."""
        names = (handle.name, *handle.aliases)
        inside = (self.inputs.get(squashed(name)) for name in names)
        return next((one for one in inside if one is not None), None) or self.top(handle)

    def top(self, handle: Handle) -> GivenValue | None:
        """Returns the value in `params` itself, where other aliases than these are parameters."""
        urls = (name for name in handle.aliases if squashed(name).endswith(("url", "urls")))
        return self.param(handle.name, *(TEXT_NAMES if handle.is_text else urls))


def _found(values: Mapping[str, Any], path: str) -> dict[str, GivenValue]:
    return {
        squashed(name): GivenValue(value, f"{path}.{name}")
        for name, value in values.items()
        if not is_missing(value)
    }
