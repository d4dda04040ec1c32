"""Graphs of projects: read, replaced by revision, estimated; faults with their nodes."""

from typing import Any

import httpx
import pytest

from showreel_client import GenerationError, Graph, GraphEstimate, GraphProblem, NodeEstimate
from tests.client.support import Both, Server, answer, failure

PATH = "api/projects/p-1/graph"
NODE = {"id": "a", "kind": "Prompt", "params": {"prompt": "x", "open": None}}
EDGE = {"id": "e", "source_node_id": "a", "target_node_id": "b"}
PROBLEM = {
    "node_id": "b",
    "field": "nodes.1.inputs.prompt",
    "code": "missing_input",
    "message": "`prompt` has no input",
}
GRAPH = {
    "project_id": "p-1",
    "revision": 3,
    "nodes": [NODE, {"id": "b", "kind": "Image"}, 7],
    "edges": [EDGE],
    "problems": [PROBLEM, None],
    "updated_at": "2026-11-28T00:00:00.000Z",
    "somethingNew": 1,
}
ESTIMATE = {
    "revision": 3,
    "credits": 45,
    "seconds": 85.1,
    "critical_path": {"node_ids": ["a", "b"], "seconds": 80},
    "cached_nodes": 1,
    "total_nodes": 2,
    "nodes": [
        {"node_id": "a", "kind": "Prompt", "cached": True, "credits": 0, "seconds": 0},
        {"node_id": "b", "kind": "Image", "model": "m", "cached": False, "credits": 3},
    ],
}


def test_a_graph_goes_back_as_it_came(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, GRAPH))
    read = call("graphs.get", "p-1")
    assert read == Graph(
        project_id="p-1",
        revision=3,
        nodes=(NODE, {"id": "b", "kind": "Image"}),
        edges=(EDGE,),
        problems=(GraphProblem(**PROBLEM),),
        updated_at="2026-11-28T00:00:00.000Z",
    )
    call("graphs.put", "p-1", read.nodes, read.edges, revision=read.revision)
    (sent,) = server.bodies(PATH)
    assert sent == {"revision": 3, "nodes": GRAPH["nodes"][:2], "edges": [EDGE]}


def test_a_replacement_whose_answer_was_lost_is_sent_again(call: Both, server: Server) -> None:
    server.on(PATH, httpx.ReadTimeout("late"), answer(200, GRAPH))
    assert call("graphs.put", "p-1", [NODE], revision=2).revision == 3
    assert server.bodies(PATH)[0] == server.bodies(PATH)[1]


def test_a_refusal_has_every_fault_with_its_node(call: Both, server: Server) -> None:
    server.on(PATH, failure(400, "invalid_graph", details=[PROBLEM]))
    with pytest.raises(GenerationError) as raised:
        call("graphs.put", "p-1", [], revision=0)
    assert (raised.value.status, raised.value.server_code) == (400, "invalid_graph")
    assert raised.value.details["details"] == [PROBLEM]
    server.on(PATH, failure(409, "stale_revision", revision=4))
    with pytest.raises(GenerationError) as raised:
        call("graphs.put", "p-1", [], revision=3)
    assert (raised.value.server_code, raised.value.details["revision"]) == ("stale_revision", 4)


def test_an_estimate_is_of_some_nodes_or_of_all(call: Both, server: Server) -> None:
    server.on(f"{PATH}/estimate", answer(200, ESTIMATE))
    assert call("graphs.estimate", "p-1") == GraphEstimate(
        revision=3,
        credits=45,
        seconds=85.1,
        critical_path=("a", "b"),
        critical_path_seconds=80,
        cached_nodes=1,
        total_nodes=2,
        nodes=(
            NodeEstimate("a", "Prompt", is_cached=True),
            NodeEstimate("b", "Image", "m", credits=3),
        ),
    )
    call("graphs.estimate", "p-1", ["b"], use_cache=False)
    assert server.bodies("estimate") == [
        {"useCache": True},
        {"useCache": False, "nodeIds": ["b"]},
    ]


def test_the_node_catalogue_is_read(call: Both, server: Server) -> None:
    server.on("functions/v1/node-catalog", answer(200, {"kinds": [], "models": [1]}))
    assert call("graphs.node_catalog") == {"kinds": [], "models": [1]}


@pytest.mark.parametrize(
    "body", [{}, [], {"project_id": "p-1"}, {**GRAPH, "nodes": 1}, {**GRAPH, "revision": "x"}]
)
def test_an_answer_that_is_no_graph_is_an_error(call: Both, server: Server, body: Any) -> None:
    server.on(PATH, answer(200, body)).on(f"{PATH}/estimate", answer(200, body))
    for method in ("graphs.get", "graphs.estimate"):
        with pytest.raises(GenerationError):
            call(method, "p-1")
    with pytest.raises(ValueError, match="empty"):
        call("graphs.get", "")
