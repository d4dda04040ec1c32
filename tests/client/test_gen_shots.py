"""`gen_shots`: typed events, each of them once, over as many connections as it takes."""

import json
from typing import Any

import httpx
import pytest

from showreel_client import (
    GenerationError,
    InsufficientCreditsError,
    Shot,
    ShotChanged,
    ShotsBegun,
    ShotsWritten,
)
from tests.client.support import Both, Server, answer, failure, streamed

PATH = "functions/v1/gen-shots"
META = (
    1,
    "meta",
    {"requestId": "r", "projectId": "p", "sceneId": "s", "latency": 12, "runId": "n"},
)
DONE = (9, "done", {"completed": True, "total": 1, "requestId": "r", "credits": 1, "templates": 0})


def shot(number: int, status: str, **fields: Any) -> tuple[int, str, dict[str, Any]]:
    return number, "shot", {"id": "shot-1", "shot_number": 4, "status": status} | fields


CREATING, DRAFTING = shot(3, "creating", title=None), shot(4, "drafting", title="Fog")
READY = shot(6, "ready", title="Fog", visual_prompt="Fog.", source="model", duration_ms=4000)
EVERY = (META, CREATING, DRAFTING, READY, DONE)


def frames(*events: tuple[int, str, dict[str, Any]]) -> bytes:
    told = (f"event: {name}\ndata: {json.dumps(data)}\nid: {id_}\n\n" for id_, name, data in events)
    return "".join(told).encode()


def sent_ids(server: Server) -> list[str | None]:
    return [request.headers.get("last-event-id") for request in server.to(PATH)]


def test_events_are_typed_and_the_body_is_the_documented_one(call: Both, server: Server) -> None:
    server.on(PATH, streamed(frames(*EVERY)))
    known = [Shot(id="x", shot_number=3, title="Gull"), {"id": "y", "shot_number": 2}]
    found = call("gen_shots", "p", shot_count=1, existing_shots=known, request_id="r")
    assert found[0] == ShotsBegun("r", "p", "s", "n", 12)
    assert [type(event) for event in found] == [ShotsBegun, *[ShotChanged] * 3, ShotsWritten]
    assert [event.shot.status for event in found[1:4]] == ["creating", "drafting", "ready"]
    last = found[3].shot
    assert (last.shot_number, last.title, last.visual_prompt) == (4, "Fog", "Fog.")
    assert (last.source, last.duration_ms) == ("model", 4000)
    assert found[4] == ShotsWritten("r", 1, 1, 0)
    assert server.bodies(PATH) == [
        {
            "projectId": "p",
            "shotCount": 1,
            "requestId": "r",
            "existingShots": [
                {"id": "x", "shot_number": 3, "title": "Gull"},
                {"id": "y", "shot_number": 2},
            ],
        }
    ]


@pytest.mark.parametrize("cut", range(0, len(frames(*EVERY)), 31))
def test_cut_anywhere_each_event_comes_once(call: Both, server: Server, cut: int) -> None:
    whole = frames(*EVERY)

    def rest(request: httpx.Request) -> httpx.Response:
        after = int(request.headers.get("last-event-id", "0"))
        return streamed(frames(*[event for event in EVERY if event[0] > after]))

    server.on(PATH, streamed(whole[:cut], httpx.ReadError("reset")), rest)
    found = call("gen_shots", "p", shot_count=1, request_id="r")
    statuses = [event.shot.status for event in found if isinstance(event, ShotChanged)]
    assert statuses == ["creating", "drafting", "ready"]
    assert [type(event) for event in (found[0], found[-1])] == [ShotsBegun, ShotsWritten]
    assert len({request.content for request in server.to(PATH)}) == 1


def test_a_server_that_replays_every_event_is_read_once(call: Both, server: Server) -> None:
    broken = streamed(frames(META, CREATING, DRAFTING), httpx.ReadError("reset"))
    server.on(PATH, broken, streamed(frames(*EVERY)))
    assert len(call("gen_shots", "p", shot_count=1)) == len(EVERY)
    assert sent_ids(server) == [None, "4"]


def test_streams_that_are_cut_again_and_again_are_followed(call: Both, server: Server) -> None:
    parts = [streamed(frames(event)) for event in EVERY]
    server.on(PATH, *parts)
    assert len(call("gen_shots", "p", shot_count=1)) == len(EVERY)
    assert sent_ids(server) == [None, "1", "3", "4", "6"]


def test_a_stream_that_stands_still_is_given_up(call: Both, server: Server) -> None:
    server.on(PATH, streamed(frames(META)))
    with pytest.raises(GenerationError) as fault:
        call("gen_shots", "p", request_id="r")
    assert fault.value.code == "no_result"
    assert fault.value.request_id == "r"


def test_an_error_event_is_raised_after_what_came_before(call: Both, server: Server) -> None:
    error = (9, "error", {"error": "The scene was deleted", "code": "scene_gone", "requestId": "r"})
    server.on(PATH, streamed(frames(META, CREATING, error)))
    with pytest.raises(GenerationError, match="The scene was deleted") as fault:
        call("gen_shots", "p")
    assert (fault.value.code, fault.value.server_code) == ("edge_function_error", "scene_gone")


def test_refusals_are_raised(call: Both, server: Server) -> None:
    server.on(PATH, failure(402, "insufficient_credits", required=2, available=1))
    with pytest.raises(InsufficientCreditsError):
        call("gen_shots", "p")
    server.on(PATH, failure(409, "shot_stream_disabled"))
    with pytest.raises(GenerationError) as fault:
        call("gen_shots", "p")
    assert fault.value.server_code == "shot_stream_disabled"
    server.on(PATH, answer(200, {"success": True}))
    with pytest.raises(GenerationError, match="no stream of events"):
        call("gen_shots", "p")


@pytest.mark.parametrize(
    "odd",
    [
        b"event: shot\ndata: []\nid: 2\n\n",
        b'event: shot\ndata: {"id": 5}\nid: 2\n\n',
        b"event: shot\ndata: nonsense\nid: x\n\n",
        b"event: other\ndata: {}\nid: 2\n\n",
        b": still here\n\n",
        b'event: shot\ndata: {"id": "a"}\nid: \xc2\xb2\n\n',
    ],
)
def test_odd_events_do_no_harm(call: Both, server: Server, odd: bytes) -> None:
    server.on(PATH, streamed(frames(META), odd, frames(CREATING, DRAFTING, READY, DONE)))
    found = call("gen_shots", "p", shot_count=1)
    assert isinstance(found[-1], ShotsWritten)
