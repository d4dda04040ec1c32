"""A node while its step is built: its incoming edges by handle, and the findings so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from showreel.core.errors import InvalidInput
from showreel.graphs.findings import Findings
from showreel.graphs.given import GivenValue, NodeParameters
from showreel.graphs.handles import Handle, handle_for, port_name
from showreel.graphs.kinds import squashed
from showreel.graphs.models import DataType, Edge, Input, Node
from showreel.graphs.templates import names_in

UrlCheck = Callable[[str], None]
"""Raises InvalidInput for a URL that could never be fetched."""


@dataclass(frozen=True)
class IncomingEdge:
    """An edge that leads to a node, where it is in the graph, and what comes through it."""

    edge: Edge
    place: str
    type: DataType
    is_list: bool = False

    @property
    def input(self) -> Input:
        """The input that comes through it."""
        return Input(node_id=self.edge.source_node_id, type=self.type, is_list=self.is_list)


@dataclass
class Building:
    """A node while its step is built."""

    node: Node
    kind: str
    incoming: Sequence[IncomingEdge]
    check_url: UrlCheck
    faults: Findings
    edge_faults: list[Findings] = field(default_factory=list)
    arrived: dict[str, list[IncomingEdge]] = field(default_factory=dict)
    """The incoming edges by handle."""

    @cached_property
    def given(self) -> NodeParameters:
        """The parameters that the author wrote."""
        return NodeParameters(self.node)

    def arrive(self, handles: Sequence[Handle]) -> None:
        """Sorts the edges by handle. A name that a template uses is a handle for texts, too."""
        variables = self._variables()
        for arriving in self.incoming:
            name = port_name(arriving.edge.target_handle, self.node.inputs)
            variable = variables.get(squashed(name))
            found = handle_for(handles, name, arriving.type)
            if isinstance(found, Handle):
                self.arrived.setdefault(found.name, []).append(arriving)
            elif variable is not None and arriving.type in {"text", "any"}:
                self.arrived.setdefault(variable, []).append(arriving)
            else:
                message = f"`{name}` {found.message}" if name else found.message
                self.refuse(arriving, found.code, f"{self.kind}: {message}")

    def refuse(self, arriving: IncomingEdge, code: str, message: str) -> None:
        """Notes a finding about an edge."""
        faults = Findings(arriving.place, node_id=self.node.id, edge_id=arriving.edge.id)
        faults.add(code, message, "target_handle")
        self.edge_faults.append(faults)

    def media(self, handles: Sequence[Handle]) -> dict[str, tuple[Input, ...]]:
        """Returns the inputs at the handles for media: from edges, else the URLs written."""
        found: dict[str, tuple[Input, ...]] = {}
        for handle in handles:
            if handle.is_text:
                continue
            incoming = self.arrived.get(handle.name, [])
            for arriving in incoming[handle.most :]:
                self.refuse(arriving, "too_many_edges", f"`{handle.name}` takes {handle.most}")
            inputs = tuple(arriving.input for arriving in incoming) or self._written(handle)
            if inputs:
                found[handle.name] = inputs
        return found

    def require(
        self, handles: Sequence[Handle], inputs: Mapping[str, Sequence[Input]], *texts: str
    ) -> frozenset[str]:
        """Notes a finding for each required input that is missing, and returns their handles'
        names. `texts` are the handles that have a text.
        """
        missing = set()
        for handle in handles:
            parts = inputs.get(handle.name, ())
            count = 1 if handle.name in texts else len(parts)
            is_open = any(part.is_list for part in parts)
            if handle.required and count < handle.least and not is_open:
                some = f"takes at least {handle.least}, not {count}" if count else "has no input"
                message = f"`{handle.name}` {some}"
                self.faults.add("missing_input", message, f"inputs.{handle.name}", is_draft=True)
                missing.add(handle.name)
        return frozenset(missing)

    def urls(self, handle: Handle, written: GivenValue) -> tuple[Input, ...]:
        """Returns the URLs written for a handle; none if they are too many. Notes findings."""
        values = written.value if isinstance(written.value, list) else [written.value]
        urls = [one.get("url") if isinstance(one, Mapping) else one for one in values]
        if len(urls) > handle.most:
            message = f"`{handle.name}` takes {handle.most}"
            self.faults.add("too_many_inputs", message, written.field)
            return ()
        return tuple(one for url in urls for one in self._url(handle, url, written.field))

    def _url(self, handle: Handle, url: Any, field: str) -> tuple[Input, ...]:
        if not isinstance(url, str):
            self.faults.add("bad_url", "must be a URL", field)
            return ()
        try:
            self.check_url(url.strip())
        except InvalidInput as error:
            self.faults.add("bad_url", error.message, field)
        return (Input(url=url.strip(), type=type_of(url, handle)),)

    def _written(self, handle: Handle) -> tuple[Input, ...]:
        written = self.given.literal(handle)
        return self.urls(handle, written) if written else ()

    def _variables(self) -> dict[str, str]:
        """Returns the names that the node's templates use, by their squashed form."""
        words: list[str] = []
        left: list[Any] = [self.node.params]
        while left:
            value = left.pop()
            left += value.values() if isinstance(value, Mapping) else ()
            left += value if isinstance(value, list) else ()
            words += [value] if isinstance(value, str) else []
        return {squashed(name): name for text in words for name in names_in(text)}


ENDINGS: Mapping[str, DataType] = {
    **dict.fromkeys(("jpg", "jpeg", "png", "webp", "gif"), "image"),
    **dict.fromkeys(("mp4", "mov", "webm", "m4v"), "video"),
    **dict.fromkeys(("mp3", "wav", "m4a"), "audio"),
}


def ending_type(url: str) -> DataType | None:
    """Returns the type that a file name's extension stands for, None if it is unknown."""
    name = url.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return ENDINGS.get(name.rpartition(".")[2].lower())


def type_of(url: str, handle: Handle) -> DataType:
    """Returns the type of a written URL: the one of its extension if the handle takes it, else the
    handle's first.
    """
    named = ending_type(url)
    return named if named in handle.types else handle.types[0]
