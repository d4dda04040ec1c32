"""A project's graph through the running stack: written, refused, estimated, exported, deleted."""

import random
import string
from collections.abc import Iterator
from typing import Any

import pytest

from local.stack import Stack
from tests.support.graphs import edge, film, node
from tests.support.sounds import wav

from .users import Client, newcomer

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def ann(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


@pytest.fixture(scope="module")
def eve(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


def project(ann: Client) -> str:
    made = ann.json("POST", "/api/projects", {"workspaceId": ann.workspace_id, "title": "Heist"})
    return f"/api/projects/{made['id']}"


def body(revision: int, nodes: list[dict[str, Any]], *edges: dict[str, Any]) -> dict[str, Any]:
    return {"revision": revision, "nodes": nodes, "edges": list(edges)}


def test_a_graph_is_exported_and_imported_as_the_same_json(ann: Client) -> None:
    first, second = project(ann), project(ann)
    graph = film().model_dump(mode="json", exclude_none=True)
    graph["nodes"][6]["params"] = {"url": ann.upload(wav(), "audio/wav", "a.wav")}
    written = ann.json("PUT", f"{first}/graph", {**graph, "revision": 0})
    assert (written["revision"], written["problems"]) == (1, [])
    exported = ann.json("GET", f"{first}/graph")
    imported = ann.json("PUT", f"{second}/graph", {**exported, "revision": 0})
    assert imported["nodes"] == exported["nodes"]
    assert imported["edges"] == exported["edges"]
    told = [ann.json("POST", f"{one}/graph/estimate", {}) for one in (first, second)]
    assert [one["credits"] for one in told] == [48, 48]
    part = ann.json("POST", f"{first}/graph/estimate", {"nodeIds": ["still"], "useCache": False})
    assert [one["node_id"] for one in part["nodes"]] == ["idea", "still"]


def test_a_hostile_graph_is_refused_at_every_node_and_nothing_is_held(ann: Client) -> None:
    path = f"{project(ann)}/graph"
    nodes = [
        node("a", "Image", prompt="{{ prompt }}"),
        node("a", "Output"),
        node("b", "Upload", url="../../etc/passwd"),
        node("c", "Prompt", text="x" * 2_000_000),
    ]
    told = ann.refused(path, body(0, nodes[3:]), "PUT")
    assert told["details"][0]["node_id"] == "c"
    told = ann.refused(path, body(0, nodes[:3], edge("a", "a"), edge("b", "gone")), "PUT")
    assert {one["code"] for one in told["details"]} >= {
        *("template_cycle", "duplicate_id", "bad_url", "self_edge", "unknown_node"),
    }
    ann.refused(path, body(0, [node(f"n{at}", "comment") for at in range(501)]), "PUT")
    ann.refused(path, {"nodes": []}, "PUT")
    ann.json("PUT", path, body(0, [node("a", "Image")]))
    told = ann.refused(f"{path}/estimate", {})
    assert [one["field"] for one in told["details"]] == ["nodes.0.inputs.prompt"]
    assert ann.json("GET", f"/api/credits?workspaceId={ann.workspace_id}")["held"] == 0


def test_a_large_graph_shrinks_and_a_stale_revision_is_a_conflict(ann: Client) -> None:
    path = f"{project(ann)}/graph"
    letters = random.Random(1)
    text = ["".join(letters.choices(string.printable[:62], k=9_000)) for _ in range(60)]
    ann.json(
        "PUT", path, body(0, [node(f"n{at}", "prompt", text=of) for at, of in enumerate(text)])
    )
    read = ann.json("GET", path)
    assert [one["params"]["text"] for one in read["nodes"]] == text
    ann.json("PUT", path, body(1, [node("a", "prompt", text="x")]))
    told = ann.refused(path, body(1, []), "PUT", 409)
    assert (told["code"], told["revision"]) == ("stale_revision", 2)
    assert len(ann.json("GET", path)["nodes"]) == 1


def test_a_foreign_project_has_no_graph(ann: Client, eve: Client) -> None:
    path = f"{project(ann)}/graph"
    ann.json("PUT", path, body(0, [node("a", "prompt", text="x")]))
    for where, method, sent in (
        (path, "GET", None),
        (path, "PUT", body(1, [])),
        (f"{path}/estimate", "POST", {}),
    ):
        told = [
            eve.refused(where, sent, method, 404),
            ann.refused(where.replace(path, "/api/projects/none/graph"), sent, method, 404),
        ]
        assert {one["error"] for one in told} == {"Project not found"}


def test_a_deleted_project_takes_its_graph_with_it(ann: Client) -> None:
    path = project(ann)
    ann.json("PUT", f"{path}/graph", body(0, [node("a", "prompt", text="x")]))
    assert ann.call("DELETE", path).status_code == 204
    ann.refused(f"{path}/graph", None, "GET", 404)


def test_the_node_catalogue_is_sent_once_to_who_has_it(ann: Client) -> None:
    answer = ann.call("GET", "/functions/v1/node-catalog")
    told = answer.json()
    assert set(told) == {
        *("schema", "types", "limits", "coercions", "kinds", "operations", "models"),
    }
    known = {"If-None-Match": answer.headers["etag"]}
    again = ann.call("GET", "/functions/v1/node-catalog", headers=known)
    assert (again.status_code, again.content) == (304, b"")
