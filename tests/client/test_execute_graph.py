"""`execute_graph`: typed events, each of them once, over as many connections as it takes."""

import json
from typing import Any

import httpx
import pytest

from showreel_client import (
    GenerationError,
    GraphCompleted,
    GraphStarted,
    InsufficientCreditsError,
    NodeChanged,
    NodeProgress,
)
from tests.client.support import Both, Server, answer, failure, streamed

PATH = "functions/v1/compute-execute"
URL = "https://api.example.com/storage/v1/object/public/project-assets/a.jpg"
OUTPUT = {"type": "image", "url": URL, "width": 1024, "height": 576, "model": "m"}
META = (1, "meta", {"run_id": "n", "project_id": "p", "total_nodes": 2, "request_id": "r"})
RUNNING = (3, "node_status", {"node_id": "a", "status": "running", "processing_time_ms": 0})
PROGRESS = (4, "node_progress", {"node_id": "a", "progress": 40, "message": "x", "logs": ["y"]})
MADE = {"node_id": "a", "status": "succeeded", "output": OUTPUT, "credits": 3, "cached": False}
SUCCEEDED = (5, "node_status", MADE | {"processing_time_ms": 1500})
FAULT = {"node_id": "b", "status": "failed", "error": "Refused", "code": "content_policy"}
FAILED = (6, "node_status", FAULT)
COUNTS = {"total_nodes": 2, "completed_nodes": 1, "failed_nodes": 1, "skipped_nodes": 0}
LAST = {"run_id": "n", "status": "partial", "outputs": {"a": OUTPUT}, "credits_used": 3} | COUNTS
COMPLETE = (8, "complete", LAST)
EVERY = (META, RUNNING, PROGRESS, SUCCEEDED, FAILED, COMPLETE)


def frames(*events: tuple[int, str, dict[str, Any]]) -> bytes:
    told = (f"event: {name}\ndata: {json.dumps(data)}\nid: {id_}\n\n" for id_, name, data in events)
    return "".join(told).encode()


def test_events_are_typed_and_the_body_is_the_documented_one(call: Both, server: Server) -> None:
    server.on(PATH, streamed(frames(*EVERY)))
    found = call("execute_graph", "p", ["a", "b"], use_cache=False, request_id="r")
    assert found[0] == GraphStarted("n", "p", 2, "r")
    assert [type(event) for event in found[1:]] == [
        *(NodeChanged, NodeProgress, NodeChanged, NodeChanged, GraphCompleted)
    ]
    made, failed, last = found[3], found[4], found[5]
    assert (made.output.url, made.output.width, made.credits) == (URL, 1024, 3)
    assert (failed.status, failed.code) == ("failed", "content_policy")
    assert (last.status, last.outputs["a"].url, last.failed_nodes) == ("partial", URL, 1)
    assert server.bodies(PATH) == [
        {"projectId": "p", "requestId": "r", "nodeIds": ["a", "b"], "useCache": False}
    ]


@pytest.mark.parametrize("cut", range(0, len(frames(*EVERY)), 97))
def test_cut_anywhere_each_event_comes_once(call: Both, server: Server, cut: int) -> None:
    whole = frames(*EVERY)

    def rest(request: httpx.Request) -> httpx.Response:
        after = int(request.headers.get("last-event-id", "0"))
        return streamed(frames(*[event for event in EVERY if event[0] > after]))

    server.on(PATH, streamed(whole[:cut], httpx.ReadError("reset")), rest)
    found = call("execute_graph", "p", request_id="r")
    assert len(found) == len(EVERY)
    assert len({request.content for request in server.to(PATH)}) == 1


def test_an_error_event_is_raised_after_what_came_before(call: Both, server: Server) -> None:
    error = (9, "error", {"run_id": "n", "error": "Timed out", "code": "timed_out"})
    server.on(PATH, streamed(frames(META, RUNNING, error)))
    with pytest.raises(GenerationError, match="Timed out") as fault:
        call("execute_graph", "p", request_id="r")
    assert (fault.value.server_code, fault.value.request_id) == ("timed_out", "r")


def test_refusals_are_raised(call: Both, server: Server) -> None:
    server.on(PATH, failure(402, "insufficient_credits", required=2, available=1))
    with pytest.raises(InsufficientCreditsError):
        call("execute_graph", "p")
    server.on(PATH, failure(400, "cycle"))
    with pytest.raises(GenerationError) as fault:
        call("execute_graph", "p")
    assert fault.value.server_code == "cycle"
    server.on(PATH, answer(200, {"success": True}))
    with pytest.raises(GenerationError, match="no stream"):
        call("execute_graph", "p")


@pytest.mark.parametrize(
    "odd",
    [
        b"event: node_status\ndata: []\nid: 2\n\n",
        b'event: node_status\ndata: {"node_id": 5}\nid: 2\n\n',
        b"event: node_progress\ndata: nonsense\nid: x\n\n",
        b"event: other\ndata: {}\nid: 2\n\n",
        b": still here\n\n",
    ],
)
def test_odd_events_do_no_harm(call: Both, server: Server, odd: bytes) -> None:
    server.on(PATH, streamed(frames(META), odd, frames(RUNNING, SUCCEEDED, COMPLETE)))
    assert isinstance(call("execute_graph", "p")[-1], GraphCompleted)


def test_a_run_is_canceled(call: Both, server: Server) -> None:
    path = "api/compute-runs/n/cancel"
    server.on(path, answer(200, {"run_id": "n", "status": "canceled"}))
    assert call("cancel_graph", "n") == "canceled"
