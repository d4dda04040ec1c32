"""Checks a whole graph and builds the steps of its nodes, without any I/O.

A finding about something that is still missing (an input, an operation) is a draft's: such a graph
can be stored, but not run. With any other finding it can't be stored either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from showreel.core.errors import InvalidInput
from showreel.graphs.building.build import build
from showreel.graphs.building.node import IncomingEdge, UrlCheck
from showreel.graphs.findings import Finding, refuse
from showreel.graphs.handles import is_output
from showreel.graphs.kinds import is_run, kind_of
from showreel.graphs.models import Edge, Graph, Step
from showreel.graphs.schedule import Plan
from showreel.graphs.structure import (
    check_cycles,
    check_edges,
    check_ids,
    check_size,
    inner_edges,
    parents_of,
)


@dataclass(frozen=True)
class RunSteps:
    """The steps of a run of a graph, or of a part of it, each after those that it needs."""

    plan: Plan
    steps: dict[str, Step]


@dataclass(frozen=True)
class CheckedGraph:
    """A graph with its steps and what is wrong with it."""

    graph: Graph
    steps: dict[str, Step]
    findings: tuple[Finding, ...]
    is_sound: bool
    """Whether its edges join existing, different nodes and form no cycle."""

    @cached_property
    def plan(self) -> Plan:
        """All nodes that run, each after those that it needs. Only for a sound graph."""
        return Plan.of(parents_of(self.graph))

    def require_storable(self) -> None:
        """Raises InvalidInput for findings that aren't a draft's."""
        refuse(one for one in self.findings if not one.is_draft)

    def select(self, node_ids: Collection[str] | None = None) -> RunSteps:
        """Returns a run of these nodes and everything that they need; of all nodes by default.

        Raises InvalidInput with all findings of what would run; `unknown_node`, `nothing_to_run`.
        """
        if not self.is_sound:
            refuse(self.findings)
        targets = self._targets(node_ids)
        wanted = self.plan.upstream(targets)
        refuse(one for one in self.findings if one.node_id in wanted or one.node_id is None)
        if not wanted:
            raise InvalidInput("No node of the graph runs", code="nothing_to_run", field="nodeIds")
        plan = self.plan.only(wanted)
        return RunSteps(plan, {node_id: self.steps[node_id] for node_id in plan.order})

    def _targets(self, node_ids: Collection[str] | None) -> Collection[str]:
        if node_ids is None:
            return self.plan.order
        known = {node.id for node in self.graph.nodes}
        unknown = [one for one in node_ids if one not in known]
        refuse(
            Finding("unknown_node", f"no node of this project: {one}", "nodeIds") for one in unknown
        )
        return [one for one in node_ids if one in self.plan.parents]


def check(graph: Graph, check_url: UrlCheck) -> CheckedGraph:
    """Returns the graph with its steps and all findings."""
    too_much = check_size(graph)
    if too_much:
        return CheckedGraph(graph, {}, tuple(too_much), is_sound=False)
    ids = [*check_ids(graph), *check_edges(graph)]
    cycles = list(check_cycles(graph))
    steps, faults = _build_all(graph, check_url, [] if cycles else None)
    findings = _in_order(graph, [*ids, *cycles, *faults])
    broken = {one.code for one in ids} & {"duplicate_id", "unknown_node", "self_edge"}
    return CheckedGraph(graph, steps, tuple(findings), is_sound=not broken and not cycles)


def _build_all(
    graph: Graph, check_url: UrlCheck, order: Sequence[str] | None
) -> tuple[dict[str, Step], list[Finding]]:
    """Builds the steps, parents first if there are no cycles, so that input types are known."""
    needs = parents_of(graph)
    if order is None:
        order = Plan.of(needs).order
    edges_to: dict[str, list[tuple[int, Edge]]] = {node_id: [] for node_id in needs}
    joined = {id(edge) for edge in inner_edges(graph)}
    for place, edge in enumerate(graph.edges):
        if id(edge) in joined:
            edges_to[edge.target_node_id].append((place, edge))
    nodes = {node.id: (place, node) for place, node in reversed(list(enumerate(graph.nodes)))}
    steps: dict[str, Step] = {}
    found: list[Finding] = []
    for node_id in order or needs:
        place, node = nodes[node_id]
        kind = kind_of(node.kind)
        if kind is None or not is_run(kind):
            continue
        incoming = [_incoming_edge(place_, edge, steps) for place_, edge in edges_to[node_id]]
        steps[node_id], faults = build(node, kind, incoming, f"nodes.{place}", check_url)
        found += faults
    for place, node in enumerate(graph.nodes):
        kind = kind_of(node.kind)
        if kind is not None and is_run(kind) and nodes[node.id][0] != place:
            _, faults = build(node, kind, [], f"nodes.{place}", check_url)
            found += [one for one in faults if not one.is_draft]
    return steps, found + list(_outputs(graph, steps))


def _incoming_edge(place: int, edge: Edge, steps: dict[str, Step]) -> IncomingEdge:
    source = steps.get(edge.source_node_id)
    if source is None:
        return IncomingEdge(edge, f"edges.{place}", "any", is_list=True)
    return IncomingEdge(edge, f"edges.{place}", source.output, is_list=source.is_list)


def _outputs(graph: Graph, steps: dict[str, Step]) -> list[Finding]:
    """Returns a finding for each edge from an output that its node doesn't have."""
    ports = {node.id: node.outputs for node in graph.nodes}
    found = []
    for place, edge in enumerate(graph.edges):
        step = steps.get(edge.source_node_id)
        if step is None or is_output(edge.source_handle, ports[step.node_id], step.output):
            continue
        message = f"{step.kind}: no output `{edge.source_handle}`; it gives {step.output}"
        found.append(
            Finding(
                "unknown_handle",
                message,
                "source_handle",
                step.node_id,
                edge.id,
                f"edges.{place}",
            )
        )
    return found


def _in_order(graph: Graph, findings: Sequence[Finding]) -> list[Finding]:
    """Returns the findings in the order of the graph's nodes; those about no node come first."""
    places = {node.id: place for place, node in reversed(list(enumerate(graph.nodes)))}
    return sorted(findings, key=lambda one: places.get(one.node_id or "", -1))
