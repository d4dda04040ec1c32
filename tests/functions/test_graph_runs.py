"""Graphs that run on the running stack: streamed, left, resumed, canceled, killed and run again."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.support.http import eventually

from .users import Client, newcomer

pytestmark = pytest.mark.stack
PATH = "/functions/v1/compute-execute"
PICTURE, EDIT = "fal-ai/flux/schnell", "fal-ai/nano-banana-2/edit"
Event = tuple[int, str, dict[str, Any]]


@pytest.fixture
def ann(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()


@pytest.fixture(scope="module")
def eve(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


def edge(source: str, target: str, handle: str) -> dict[str, str]:
    ends = {"source_node_id": source, "target_node_id": target, "target_handle": handle}
    return {"id": f"{source}-{target}", "source_handle": "output", **ends}


def poster(ann: Client) -> str:
    """A project whose graph draws a picture, changes it, and turns a part of it around."""
    made = ann.json("POST", "/api/projects", {"workspaceId": ann.workspace_id, "title": "Harbour"})
    nodes = [
        {"id": "idea", "kind": "Prompt", "params": {"prompt": "A quiet harbour"}},
        {"id": "draft", "kind": "Image", "params": {"model": PICTURE}},
        {"id": "final", "kind": "ImageEdit", "params": {"model": EDIT, "prompt": "At night"}},
        {"id": "small", "kind": "Transform", "params": {"operation": "resize", "width": 64}},
        {"id": "out", "kind": "Output"},
    ]
    edges = [
        edge("idea", "draft", "prompt"),
        edge("draft", "final", "image"),
        edge("final", "small", "media"),
        edge("small", "out", "media"),
    ]
    path = f"/api/projects/{made['id']}/graph"
    ann.json("PUT", path, {"revision": 0, "nodes": nodes, "edges": edges})
    return str(made["id"])


def followed(
    ann: Client, project_id: str, request_id: str, after: int = 0, **more: Any
) -> Iterator[Event]:
    """The events of one connection."""
    headers = {"Last-Event-ID": str(after)} if after else {}
    body = {"projectId": project_id, "requestId": request_id, **more}
    with ann.http.stream("POST", PATH, json=body, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"] == "text/event-stream"
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            fields |= {name: value} if line else {}
            if not line and "event" in fields:
                yield int(fields["id"]), fields["event"], json.loads(fields["data"])
                fields = {}


def account(ann: Client) -> Any:
    return ann.json("GET", f"/api/credits?workspaceId={ann.workspace_id}")


def test_a_run_is_left_resumed_and_run_again_for_nothing(ann: Client, eve: Client) -> None:
    project_id = poster(ann)
    with closing(followed(ann, project_id, "one")) as stream:
        first = [next(stream), next(stream)]
    rest = [*followed(ann, project_id, "one", after=first[-1][0])]
    every = [*first, *rest]
    assert [number for number, _, _ in every] == sorted({number for number, _, _ in every})
    assert every == [*followed(ann, project_id, "one")], "a replay sends the same"
    (_, name, meta), (_, last, complete) = every[0], every[-1]
    assert (name, meta["project_id"], meta["total_nodes"]) == ("meta", project_id, 5)
    assert (last, complete["status"], complete["completed_nodes"]) == ("complete", "succeeded", 5)
    assert {node_id: one["type"] for node_id, one in complete["outputs"].items()} == {
        "idea": "text",
        "draft": "image",
        "final": "image",
        "small": "image",
        "out": "image",
    }
    assert complete["outputs"]["small"]["width"] == 64
    assert ann.http.head(complete["outputs"]["small"]["url"], follow_redirects=True).is_success
    spent = complete["credits_used"]
    assert (account(ann)["held"], account(ann)["balance"]) == (0, 50 - spent)
    run = f"/api/compute-runs/{meta['run_id']}"
    shown = ann.json("GET", f"{run}?limit=2")
    assert (shown["status"], len(shown["nodes"]), shown["credits"]["posted"]) == (
        "succeeded",
        2,
        spent,
    )
    again = [*followed(ann, project_id, "two")]
    cached = {one["node_id"] for _, name, one in again if name == "node_status" and one["cached"]}
    assert cached == {"draft", "final", "small"}
    assert again[-1][2]["outputs"] == complete["outputs"]
    assert account(ann)["balance"] == 50 - spent
    cache = f"/api/projects/{project_id}/graph/cache"
    kept = ann.json("GET", f"{cache}?limit=2")
    assert (kept["entries"], len(kept["items"])) == (3, 2)
    assert kept["bytes"] > 1000
    estimate = ann.json("POST", f"/api/projects/{project_id}/graph/estimate", {})
    assert (estimate["credits"], estimate["cached_nodes"]) == (0, 3)
    fresh = [*followed(ann, project_id, "three", nodeIds=["draft"], useCache=False)][-1][2]
    assert (fresh["completed_nodes"], fresh["cached_nodes"]) == (2, 0)
    for method, path in (
        ("GET", run),
        ("POST", f"{run}/cancel"),
        ("GET", cache),
        ("DELETE", cache),
    ):
        eve.refused(path, None, method, 404)
    eve.refused(PATH, {"projectId": project_id}, status=404)
    assert ann.json("DELETE", cache)["cleared_entries"] == 3
    assert ann.json("GET", cache)["entries"] == 0


def test_what_can_not_run_is_refused_before_the_stream(ann: Client) -> None:
    project_id = poster(ann)
    assert (
        ann.refused(PATH, {"projectId": project_id, "nodeIds": ["gone"]})["code"] == "unknown_node"
    )
    ann.refused(PATH, {"projectId": project_id, "useCache": "no"})
    body = {"projectId": project_id, "requestId": "r", "nodeIds": ["idea"]}
    assert ann.call("POST", PATH, body).is_success
    assert ann.refused(PATH, body | {"nodeIds": ["draft"]}, status=422)
    assert account(ann)["held"] == 0


def test_a_cancel_stops_the_vendor_and_ends_the_stream(ann: Client, stack: Stack) -> None:
    fault = {"provider": "fal", "operation": "submit", "fault": "slow", "delay_seconds": 60}
    httpx.post(f"{stack.providers_url}/_sim/faults", json=fault).raise_for_status()
    project_id = poster(ann)
    with closing(followed(ann, project_id, "slow")) as stream:
        run_id = next(stream)[2]["run_id"]
        assert eventually(lambda: _tasks(stack))
        canceled = ann.json("POST", f"/api/compute-runs/{run_id}/cancel")
        assert (canceled["status"], canceled["credits"]["posted"]) == ("canceled", 0)
        *_, (_, last, complete) = stream
    assert (last, complete["status"], complete["canceled_nodes"]) == ("complete", "canceled", 4)
    asked = httpx.get(f"{stack.providers_url}/_sim/requests?provider=fal").json()["requests"]
    assert "cancel" in [one["operation"] for one in asked]
    assert (account(ann)["balance"], account(ann)["holds"]) == (50, [])


def _tasks(stack: Stack) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = httpx.get(
        f"{stack.providers_url}/_sim/tasks?provider=fal"
    ).json()["tasks"]
    return tasks


@pytest.mark.deep
def test_a_run_whose_step_is_killed_goes_on(ann: Client, stack: Stack) -> None:
    fault = {
        "service": "dynamodb",
        "operation": "TransactWriteItems",
        "function": "compute_graph_advance",
        "nth": 2,
        "action": "kill",
    }
    httpx.post(f"{stack.aws_endpoint}/_local/faults", json=fault).raise_for_status()
    project_id = poster(ann)
    *_, (_, last, complete) = followed(ann, project_id, "killed")
    assert (last, complete["status"]) == ("complete", "succeeded")
    assert account(ann)["balance"] == 50 - complete["credits_used"]
