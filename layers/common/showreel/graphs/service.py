"""Use cases of a project's graph: read, write, estimate, and prepare a run.

Each checks membership first, then the graph, then does one write. Missing and foreign ids give the
same NotFound.
"""

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass

from showreel.graphs.check import CheckedGraph, RunSteps, check
from showreel.graphs.estimate import estimate
from showreel.graphs.findings import refuse
from showreel.graphs.responses import GraphEstimate, GraphView
from showreel.graphs.schemas import EstimateBody, GraphBody
from showreel.graphs.store import GraphStore, StoredGraph
from showreel.graphs.urls import unowned, url_check
from showreel.identity import Caller
from showreel.projects import Project, require_project, studio


@dataclass(frozen=True)
class Prepared:
    """A run that may begin, without any findings."""

    project: Project
    revision: int
    run: RunSteps


Foresee = Callable[[Prepared], Collection[str]]
"""Returns the nodes of a run that would be taken from the cache."""


@functools.cache
def graphs() -> GraphStore:
    """Returns this process's store of graphs."""
    return GraphStore(studio())


def get_graph(caller: Caller, project_id: str, base_url: str) -> GraphView:
    """Returns the project's graph. Raises NotFound."""
    require_project(caller, project_id)
    stored = graphs().read(project_id)
    return _view(project_id, stored, check(stored.graph, url_check(base_url)))


def put_graph(caller: Caller, project_id: str, body: GraphBody, base_url: str) -> GraphView:
    """Replaces the whole graph. Raises NotFound, InvalidInput with all findings, Conflict
    `stale_revision`.
    """
    require_project(caller, project_id)
    graph = body.graph()
    checked = check(graph, url_check(base_url))
    refuse([*body.foreign(project_id), *(one for one in checked.findings if not one.is_draft)])
    stored = graphs().write(project_id, graph, body.revision)
    return _view(project_id, stored, checked)


def prepare(
    caller: Caller, project_id: str, node_ids: Collection[str] | None, base_url: str
) -> Prepared:
    """Returns a run of these nodes and all that they need, of all nodes for None.

    Raises NotFound, InvalidInput with all findings about nodes that would run.
    """
    project = require_project(caller, project_id)
    stored = graphs().read(project_id)
    run = check(stored.graph, url_check(base_url)).select(node_ids)
    refuse(unowned(run, project.workspace_id, base_url))
    return Prepared(project, stored.revision, run)


def estimate_graph(
    caller: Caller,
    project_id: str,
    body: EstimateBody,
    base_url: str,
    foresee: Foresee,
    concurrency: int,
) -> GraphEstimate:
    """Returns what a run would take. Raises as `prepare`."""
    prepared = prepare(caller, project_id, body.node_ids, base_url)
    cached = foresee(prepared) if body.use_cache else ()
    return estimate(prepared.run, project_id, prepared.revision, cached, concurrency)


def _view(project_id: str, stored: StoredGraph, checked: CheckedGraph) -> GraphView:
    return GraphView(
        project_id=project_id,
        revision=stored.revision,
        nodes=stored.graph.nodes,
        edges=stored.graph.edges,
        problems=tuple(one.detail() for one in checked.findings),
        updated_at=stored.updated_at,
    )
