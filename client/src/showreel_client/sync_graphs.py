"""Graphs, synchronous. Every call raises GenerationError."""

from collections.abc import Iterable
from typing import Any

from showreel_client.graph_calls import GraphCalls
from showreel_client.graphs import Graph, GraphEstimate, Json
from showreel_client.sync_storyboards import Runs


class Graphs:
    """The compute graphs of projects."""

    def __init__(self, calls: GraphCalls, run: Runs) -> None:
        self._calls = calls
        self._run = run

    def get(self, project_id: str) -> Graph:
        """Reads a project's graph, an empty one of revision 0 if there is none yet."""
        return self._run(self._calls.get(project_id))

    def put(
        self, project_id: str, nodes: Iterable[Json], edges: Iterable[Json] = (), *, revision: int
    ) -> Graph:
        """Replaces the whole graph, if it still has this revision. If it is refused,
        `error.details` has every fault with its node and field.
        """
        return self._run(self._calls.put(project_id, nodes, edges, revision))

    def estimate(
        self, project_id: str, node_ids: Iterable[str] | None = None, *, use_cache: bool = True
    ) -> GraphEstimate:
        """Returns the credits and time of a run of these nodes, and of all that they need."""
        return self._run(self._calls.estimate(project_id, node_ids, use_cache=use_cache))

    def node_catalog(self) -> dict[str, Any]:
        """Reads the kinds of nodes with handles, parameters and prices, and the JSON Schema."""
        return self._run(self._calls.node_catalog())
