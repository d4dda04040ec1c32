"""Checks of a whole graph: sizes, ids, ends of edges, and cycles."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from showreel.graphs.findings import Finding
from showreel.graphs.kinds import KINDS, is_run, kind_of
from showreel.graphs.models import MAX_EDGES, MAX_NODES, Edge, Graph

MAX_PARAMS_BYTES = 64 * 1024
MAX_GRAPH_BYTES = 1024 * 1024
MOST_CYCLES = 20


def check_size(graph: Graph) -> list[Finding]:
    """Returns findings about sizes; a graph with any isn't checked further."""
    found = []
    if len(graph.nodes) > MAX_NODES:
        message = f"a graph has at most {MAX_NODES} nodes, not {len(graph.nodes)}"
        found.append(Finding("too_many_nodes", message, "nodes"))
    if len(graph.edges) > MAX_EDGES:
        message = f"a graph has at most {MAX_EDGES} edges, not {len(graph.edges)}"
        found.append(Finding("too_many_edges", message, "edges"))
    if found:
        return found
    sizes = [_size(node.params) for node in graph.nodes]
    most = f"at most {MAX_PARAMS_BYTES // 1024} KB"
    found = [
        Finding("param_too_large", f"{most} of params", "params", node.id, place=f"nodes.{place}")
        for place, (node, size) in enumerate(zip(graph.nodes, sizes, strict=True))
        if size > MAX_PARAMS_BYTES
    ]
    if not found and len(graph.model_dump_json().encode()) > MAX_GRAPH_BYTES:
        message = f"at most {MAX_GRAPH_BYTES // 1024} KB of JSON in all"
        found.append(Finding("graph_too_large", message, "nodes"))
    return found


def _size(params: Mapping[str, object]) -> int:
    return len(json.dumps(params, ensure_ascii=False, default=str).encode())


def check_ids(graph: Graph) -> Iterator[Finding]:
    """Yields findings about duplicate ids and unknown kinds."""
    seen: Counter[str] = Counter()
    for place, node in enumerate(graph.nodes):
        seen[node.id] += 1
        where = f"nodes.{place}"
        if seen[node.id] > 1:
            yield Finding("duplicate_id", "the id is another node's", "id", node.id, place=where)
        if kind_of(node.kind) is None:
            message = f"must be one of {', '.join(KINDS)}"
            yield Finding("unknown_kind", message, "kind", node.id, place=where)
    seen.clear()
    for place, edge in enumerate(graph.edges):
        seen[edge.id] += 1
        if seen[edge.id] > 1:
            message = "the id is another edge's"
            yield Finding("duplicate_id", message, "id", edge_id=edge.id, place=f"edges.{place}")


def check_edges(graph: Graph) -> Iterator[Finding]:
    """Yields findings about edges with a missing end, from a node to itself, or at a comment."""
    kinds = {node.id: kind_of(node.kind) for node in graph.nodes}
    for place, edge in enumerate(graph.edges):
        where = f"edges.{place}"
        ends = {"source_node_id": edge.source_node_id, "target_node_id": edge.target_node_id}
        for field, node_id in ends.items():
            if node_id not in kinds:
                message = f"no node of this project: {node_id}"
                known = next((one for one in ends.values() if one in kinds), None)
                yield Finding("unknown_node", message, field, known, edge.id, where)
            elif not is_run(kinds[node_id] or ""):
                message = "a comment has no inputs and no output"
                yield Finding("unknown_handle", message, field, node_id, edge.id, where)
        if edge.source_node_id == edge.target_node_id:
            message = f"leads from a node to itself: {edge.source_node_id}"
            yield Finding(
                "self_edge", message, "target_node_id", edge.target_node_id, edge.id, where
            )


def inner_edges(graph: Graph) -> list[Edge]:
    """Returns the edges between two different nodes that run."""
    running = {node.id for node in graph.nodes if is_run(kind_of(node.kind) or "")}
    return [
        edge
        for edge in graph.edges
        if edge.source_node_id != edge.target_node_id
        and {edge.source_node_id, edge.target_node_id} <= running
    ]


def check_cycles(graph: Graph) -> Iterator[Finding]:
    """Yields up to 20 cycles, each as a path of nodes; no node is in two of them."""
    places = {node.id: place for place, node in reversed(list(enumerate(graph.nodes)))}
    needs = parents_of(graph)
    for _ in range(MOST_CYCLES):
        needs = _without_ends(needs)
        if not needs:
            return
        cycle = _cycle(needs)
        first = cycle.index(min(cycle, key=lambda node_id: places[node_id]))
        cycle = cycle[first:] + cycle[:first]
        path = " → ".join([*cycle, cycle[0]])
        where = f"nodes.{places[cycle[0]]}"
        yield Finding("cycle", f"the graph goes round: {path}", "inputs", cycle[0], place=where)
        needs = {node_id: ids for node_id, ids in needs.items() if node_id not in set(cycle)}
        needs = {node_id: [one for one in ids if one in needs] for node_id, ids in needs.items()}


def parents_of(graph: Graph) -> dict[str, list[str]]:
    """Returns the parents of each node that runs, in the order of the edges."""
    needs: dict[str, list[str]] = {
        node.id: [] for node in graph.nodes if is_run(kind_of(node.kind) or "")
    }
    for edge in inner_edges(graph):
        needs[edge.target_node_id].append(edge.source_node_id)
    return needs


def _without_ends(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Returns the nodes that depend on a cycle, with their parents."""
    missing = {node_id: len(ids) for node_id, ids in needs.items()}
    children: dict[str, list[str]] = {node_id: [] for node_id in needs}
    for node_id, ids in needs.items():
        for parent in ids:
            children[parent].append(node_id)
    free = [node_id for node_id, count in missing.items() if not count]
    gone: set[str] = set()
    while free:
        node_id = free.pop()
        gone.add(node_id)
        for child in children[node_id]:
            missing[child] -= 1
            if not missing[child]:
                free.append(child)
    return {
        node_id: [one for one in ids if one not in gone]
        for node_id, ids in needs.items()
        if node_id not in gone
    }


def _cycle(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Returns a cycle, by following parents until a node repeats; each has a parent."""
    path: list[str] = []
    places: dict[str, int] = {}
    node_id = next(iter(needs))
    while node_id not in places:
        places[node_id] = len(path)
        path.append(node_id)
        node_id = needs[node_id][0]
    return path[places[node_id] :][::-1]
