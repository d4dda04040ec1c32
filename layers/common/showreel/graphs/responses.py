"""Response bodies of graphs: the graph itself, which can be sent back, and estimates."""

from typing import Any

from showreel.core.models import FrozenModel
from showreel.graphs.models import DataType, Edge, Node
from showreel.graphs.schedule import CriticalPath


class GraphView(FrozenModel):
    """A project's graph: `PUT` takes the same JSON. `problems` is what a run would be refused for,
    each with its node and field.
    """

    project_id: str
    revision: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    problems: tuple[dict[str, Any], ...] = ()
    updated_at: str | None = None


class NodeEstimate(FrozenModel):
    """What one node would take. A cached one takes nothing."""

    node_id: str
    kind: str
    operation: str | None = None
    model: str | None = None
    output: DataType
    cached: bool
    credits: int
    seconds: float


class GraphEstimate(FrozenModel):
    """What a run would take. `credits` is what is held: it never costs more. `seconds` are usual
    ones, with as many nodes at once as the service allows.
    """

    project_id: str
    revision: int
    credits: int
    seconds: float
    critical_path: CriticalPath
    cached_nodes: int
    total_nodes: int
    nodes: tuple[NodeEstimate, ...]
