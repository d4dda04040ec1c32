"""Request bodies of graphs, under their documented names.

Unknown fields of nodes and edges are ignored and never stored. `params` are stored as they are, as
editors keep their own data there; what a kind doesn't know is ignored.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from showreel.core.models import FrozenModel
from showreel.core.wire import OrderBody
from showreel.edge.fields import UserId
from showreel.graphs.findings import Finding
from showreel.graphs.kinds import kind_of
from showreel.graphs.models import MAX_EDGES, MAX_NODES, Edge, Graph, Node, Port, Position

GraphId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
"""The id of a node or an edge, chosen by the editor."""
HandleName = Annotated[str, StringConstraints(max_length=128)]
Word = Annotated[str, StringConstraints(max_length=80)]
MAX_PORTS = 50


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not contain control characters")
    return text


Label = Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable)]


class PortBody(Port):
    """A handle as an editor declares it; a plain name is one too."""

    id: HandleName
    name: HandleName
    datatype: Word | None = None
    cardinality: Word | None = None
    position: Word | None = None


def _port(given: Any) -> Any:
    return {"id": given, "name": given} if isinstance(given, str) else given


Ports = Annotated[
    list[Annotated[PortBody, BeforeValidator(_port)]], Field(default=[], max_length=MAX_PORTS)
]


class NodeBody(FrozenModel):
    """One node."""

    id: GraphId
    kind: Word
    label: Label = ""
    params: dict[str, Any] = Field(default_factory=dict)
    inputs: Ports
    outputs: Ports
    position: Position = Field(default_factory=Position)
    project_id: str | None = Field(default=None, description="if given, the project of the path")

    def node(self) -> Node:
        """Returns the node to store, with its kind's usual spelling if the kind is known."""
        fields = self.model_dump(exclude={"project_id", "kind"})
        return Node(**fields, kind=kind_of(self.kind) or self.kind)


class EdgeBody(FrozenModel):
    """One edge. A handle may be left out where only one fits."""

    id: GraphId
    source_node_id: GraphId
    source_handle: HandleName | None = None
    target_node_id: GraphId
    target_handle: HandleName | None = None
    project_id: str | None = Field(default=None, description="if given, the project of the path")

    def edge(self) -> Edge:
        """Returns the edge to store."""
        fields = self.model_dump(exclude={"project_id"}, exclude_none=True)
        return Edge(**fields)


class GraphBody(FrozenModel):
    """A whole graph, in place of the one whose `revision` it has. Also the form of an export."""

    revision: int = Field(
        ge=0, strict=True, description="the one that the graph has now; 0 if there is none yet"
    )
    nodes: list[NodeBody] = Field(description=f"at most {MAX_NODES}")
    edges: list[EdgeBody] = Field(default=[], description=f"at most {MAX_EDGES}")

    def graph(self) -> Graph:
        """Returns the graph to store."""
        return Graph(
            nodes=tuple(node.node() for node in self.nodes),
            edges=tuple(edge.edge() for edge in self.edges),
        )

    def foreign(self, project_id: str) -> list[Finding]:
        """Returns a finding for each node and edge that names another project."""
        message = "belongs to another project"
        nodes = [
            Finding("foreign_project", message, "project_id", one.id, place=f"nodes.{place}")
            for place, one in enumerate(self.nodes)
            if one.project_id not in {None, project_id}
        ]
        edges = [
            Finding("foreign_project", message, "project_id", None, one.id, f"edges.{place}")
            for place, one in enumerate(self.edges)
            if one.project_id not in {None, project_id}
        ]
        return nodes + edges


class EstimateBody(OrderBody):
    """What would be run. Without `nodeIds` every node; with them also all that they need."""

    node_ids: list[GraphId] | None = Field(default=None, alias="nodeIds", max_length=MAX_NODES)
    use_cache: bool = Field(default=True, alias="useCache", strict=True)
    user_id: UserId = None
