"""The calls of graphs as conversations, which both services run."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from showreel_client import graphs
from showreel_client.effects import Conversation, Request
from showreel_client.generation import Setting
from showreel_client.graphs import Graph, GraphEstimate, Json
from showreel_client.request_ids import request_id_of
from showreel_client.routes import Route
from showreel_client.run import body_of, settled

ROUTE = Route("graph", "graph", "edge_function_error")
T = TypeVar("T")


class GraphCalls:
    """Calls of a project's graph and of the node catalogue."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def get(self, project_id: str) -> Conversation[Graph]:
        """Reads the graph."""
        return self._asked(graphs.graph, "GET", _path(project_id))

    def put(
        self, project_id: str, nodes: Iterable[Json], edges: Iterable[Json], revision: int
    ) -> Conversation[Graph]:
        """Replaces the whole graph. Repeating it after a lost answer is no conflict."""
        body = {"revision": revision, "nodes": [*nodes], "edges": [*edges]}
        return self._asked(graphs.graph, "PUT", _path(project_id), body)

    def estimate(
        self, project_id: str, node_ids: Iterable[str] | None, *, use_cache: bool
    ) -> Conversation[GraphEstimate]:
        """Asks for the credits and time of a run."""
        body: dict[str, Any] = {"useCache": use_cache}
        body |= {} if node_ids is None else {"nodeIds": [*node_ids]}
        return self._asked(graphs.estimate, "POST", f"{_path(project_id)}/estimate", body)

    def node_catalog(self) -> Conversation[dict[str, Any]]:
        """Reads the node catalogue."""
        return self._asked(_catalog, "GET", "/functions/v1/node-catalog")

    def _asked(
        self,
        read: Callable[[Mapping[str, Any]], T | None],
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
    ) -> Conversation[T]:
        run = self._setting.run(ROUTE, request_id_of(None))
        request = Request(
            method, f"{run.base_url}{path}", {"Accept": "application/json"}, json=body
        )
        found = read(body_of(run, (yield from settled(run, request))))
        if found is None:
            raise run.error("The answer is not what was asked for")
        return found


def _catalog(body: Mapping[str, Any]) -> dict[str, Any] | None:
    return dict(body) if isinstance(body.get("kinds"), list) else None


def _path(project_id: str) -> str:
    """Returns the graph's path. Raises ValueError for an empty id."""
    if not project_id:
        raise ValueError("an id is empty")
    return f"/api/projects/{quote(project_id, safe='')}/graph"
