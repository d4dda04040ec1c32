"""Models of compute graphs, and how they are read from answers.

Nodes and edges are the documented JSON, as `GET` returns it and `PUT` takes it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from showreel_client import values

Json = Mapping[str, Any]


@dataclass(frozen=True)
class GraphProblem:
    """Why a run would be refused: a field of a node or edge, with a code and a message."""

    field: str
    code: str
    message: str
    node_id: str | None = None
    edge_id: str | None = None


@dataclass(frozen=True)
class Graph:
    """A project's graph. `revision` must be passed to the next `put`; 0 if none is stored yet."""

    project_id: str
    revision: int
    nodes: tuple[Json, ...] = ()
    edges: tuple[Json, ...] = ()
    problems: tuple[GraphProblem, ...] = ()
    updated_at: str | None = None


@dataclass(frozen=True)
class NodeEstimate:
    """What one node would take. A cached one takes nothing."""

    node_id: str
    kind: str = ""
    model: str | None = None
    is_cached: bool = False
    credits: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class GraphEstimate:
    """The estimate of a run: credits held, usual seconds, and the longest chain of nodes."""

    revision: int
    credits: int
    seconds: float
    critical_path: tuple[str, ...] = ()
    critical_path_seconds: float = 0.0
    cached_nodes: int = 0
    total_nodes: int = 0
    nodes: tuple[NodeEstimate, ...] = ()


def graph(body: Json) -> Graph | None:
    """Returns the graph in an answer, None if there is none."""
    project_id, revision = values.text(body.get("project_id")), values.whole(body.get("revision"))
    nodes, edges = body.get("nodes"), body.get("edges")
    if project_id is None or revision is None:
        return None
    if not (isinstance(nodes, list) and isinstance(edges, list)):
        return None
    return Graph(
        project_id=project_id,
        revision=revision,
        nodes=_records(nodes),
        edges=_records(edges),
        problems=problems(body.get("problems")),
        updated_at=values.text(body.get("updated_at")),
    )


def problems(given: Any) -> tuple[GraphProblem, ...]:
    """Returns the problems of a graph, or those in an error's `details`."""
    return tuple(
        GraphProblem(
            field=values.text(one.get("field")) or "",
            code=values.text(one.get("code")) or "",
            message=values.text(one.get("message")) or "",
            node_id=values.text(one.get("node_id")),
            edge_id=values.text(one.get("edge_id")),
        )
        for one in _records(given if isinstance(given, list) else [])
    )


def estimate(body: Json) -> GraphEstimate | None:
    """Returns the estimate in an answer, None if there is none."""
    credit_count, seconds = values.whole(body.get("credits")), values.number(body.get("seconds"))
    nodes = body.get("nodes")
    if credit_count is None or seconds is None or not isinstance(nodes, list):
        return None
    path = values.record(body.get("critical_path"))
    ids = path.get("node_ids")
    return GraphEstimate(
        revision=values.whole(body.get("revision")) or 0,
        credits=credit_count,
        seconds=seconds,
        critical_path=tuple(filter(None, map(values.text, ids if isinstance(ids, list) else []))),
        critical_path_seconds=values.number(path.get("seconds")) or 0.0,
        cached_nodes=values.whole(body.get("cached_nodes")) or 0,
        total_nodes=values.whole(body.get("total_nodes")) or 0,
        nodes=tuple(map(_node, _records(nodes))),
    )


def _node(body: Json) -> NodeEstimate:
    return NodeEstimate(
        node_id=values.text(body.get("node_id")) or "",
        kind=values.text(body.get("kind")) or "",
        model=values.text(body.get("model")),
        is_cached=body.get("cached") is True,
        credits=values.whole(body.get("credits")) or 0,
        seconds=values.number(body.get("seconds")) or 0.0,
    )


def _records(given: Iterable[Any]) -> tuple[Json, ...]:
    return tuple(one for one in given if isinstance(one, dict))
