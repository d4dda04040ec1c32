"""The order in which nodes run: pure functions of a run's nodes and their statuses.

A node starts when every node that it needs has succeeded. It is skipped as soon as one of them
failed or was skipped. Nothing waits for a level.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Literal

from showreel.core.models import FrozenModel

NodeStatus = Literal["pending", "running", "succeeded", "failed", "skipped", "canceled"]
FinalStatus = Literal["succeeded", "partial", "failed", "canceled"]
OVER: frozenset[NodeStatus] = frozenset({"succeeded", "failed", "skipped", "canceled"})
SKIPPED = "Upstream dependency failed"
NodeStatuses = Mapping[str, NodeStatus]


@dataclass(frozen=True)
class Plan:
    """The nodes of a run, each after its parents, the nodes that it needs."""

    parents: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, parents: Mapping[str, Iterable[str]]) -> "Plan":
        """Returns the plan in a topological order. Raises graphlib.CycleError."""
        needs = {node_id: tuple(dict.fromkeys(ids)) for node_id, ids in parents.items()}
        return cls({node_id: needs[node_id] for node_id in TopologicalSorter(needs).static_order()})

    @property
    def order(self) -> tuple[str, ...]:
        """All nodes, each after its parents."""
        return tuple(self.parents)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes that need each node."""
        found: dict[str, list[str]] = {node_id: [] for node_id in self.parents}
        for node_id, parents in self.parents.items():
            for parent in parents:
                found[parent].append(node_id)
        return {node_id: tuple(ids) for node_id, ids in found.items()}

    def upstream(self, targets: Iterable[str]) -> frozenset[str]:
        """Returns the targets and everything that they need."""
        return _reached(targets, self.parents)

    def downstream(self, sources: Iterable[str]) -> frozenset[str]:
        """Returns the sources and everything that needs them."""
        return _reached(sources, self.children)

    def only(self, node_ids: Collection[str]) -> "Plan":
        """Returns the plan of just these nodes, in the same order."""
        return Plan(
            {
                node_id: tuple(parent for parent in parents if parent in node_ids)
                for node_id, parents in self.parents.items()
                if node_id in node_ids
            }
        )


def _reached(starts: Iterable[str], ways: Mapping[str, Sequence[str]]) -> frozenset[str]:
    seen: set[str] = set()
    left = list(starts)
    while left:
        node_id = left.pop()
        if node_id not in seen:
            seen.add(node_id)
            left += ways[node_id]
    return frozenset(seen)


def ready(plan: Plan, statuses: NodeStatuses) -> list[str]:
    """Returns the pending nodes whose parents have all succeeded, in the plan's order."""
    return [node_id for node_id in plan.order if is_ready(plan, node_id, statuses)]


def is_ready(plan: Plan, node_id: str, statuses: NodeStatuses) -> bool:
    """Returns whether a node may start now."""
    return statuses[node_id] == "pending" and all(
        statuses[parent] == "succeeded" for parent in plan.parents[node_id]
    )


def to_skip(plan: Plan, statuses: NodeStatuses) -> list[str]:
    """Returns the pending nodes below a failed or skipped one, which can't run any more."""
    stopped = [node_id for node_id, status in statuses.items() if status in {"failed", "skipped"}]
    below = plan.downstream(stopped)
    return [one for one in plan.order if one in below and statuses[one] == "pending"]


def is_over(statuses: NodeStatuses) -> bool:
    """Returns whether all nodes have ended."""
    return all(status in OVER for status in statuses.values())


def final_status(statuses: NodeStatuses, *, is_canceled: bool = False) -> FinalStatus:
    """Returns how a run ended: canceled only if that stopped a node."""
    each = set(statuses.values())
    if each <= {"succeeded"}:
        return "succeeded"
    if is_canceled and not each <= {"succeeded", "failed", "skipped"}:
        return "canceled"
    return "partial" if "succeeded" in each else "failed"


class CriticalPath(FrozenModel):
    """The chain of nodes that takes longest."""

    node_ids: tuple[str, ...]
    seconds: float


def ranks(plan: Plan, seconds: Mapping[str, float]) -> dict[str, float]:
    """Returns the seconds from each node's start to the end of the longest chain below it. Of
    several ready nodes, the one with the highest rank goes first.
    """
    found: dict[str, float] = {}
    for node_id in reversed(plan.order):
        below = max((found[child] for child in plan.children[node_id]), default=0.0)
        found[node_id] = seconds[node_id] + below
    return found


def critical_path(plan: Plan, seconds: Mapping[str, float]) -> CriticalPath:
    """Returns the chain of nodes that takes longest: no schedule is faster."""
    rank = ranks(plan, seconds)
    path: list[str] = []
    choices: Sequence[str] = [node_id for node_id in plan.order if not plan.parents[node_id]]
    while choices:
        path.append(max(choices, key=lambda node_id: rank[node_id]))
        choices = plan.children[path[-1]]
    return CriticalPath(node_ids=tuple(path), seconds=rank[path[0]] if path else 0.0)


def levels(plan: Plan) -> list[list[str]]:
    """Returns the nodes by depth, the number of nodes in the longest chain before them."""
    depth: dict[str, int] = {}
    found: list[list[str]] = []
    for node_id, parents in plan.parents.items():
        depth[node_id] = max((depth[parent] + 1 for parent in parents), default=0)
        if depth[node_id] == len(found):
            found.append([])
        found[depth[node_id]].append(node_id)
    return found


def makespan(plan: Plan, seconds: Mapping[str, float], concurrency: int) -> float:
    """Returns the plan's seconds with so many nodes at once, the highest rank first."""
    rank = ranks(plan, seconds)
    missing = {node_id: len(parents) for node_id, parents in plan.parents.items()}
    waiting = [(-rank[node_id], node_id) for node_id, count in missing.items() if not count]
    heapq.heapify(waiting)
    running: list[tuple[float, str]] = []
    now = 0.0
    while waiting or running:
        while waiting and len(running) < concurrency:
            _, node_id = heapq.heappop(waiting)
            heapq.heappush(running, (now + seconds[node_id], node_id))
        now, ended = heapq.heappop(running)
        for child in plan.children[ended]:
            missing[child] -= 1
            if not missing[child]:
                heapq.heappush(waiting, (-rank[child], child))
    return now
