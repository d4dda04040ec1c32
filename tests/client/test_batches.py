"""auto_generate: begun once, followed through cuts, read page by page; leaving stops nothing."""

import json
from typing import Any

import httpx
import pytest

from showreel_client import (
    BatchShot,
    GenerationError,
    InsufficientCreditsError,
    Progress,
    QueuedBatch,
    ShotGeneration,
    SkippedShot,
)
from tests.client.support import Both, Server, answer, failure, streamed

PATH = "functions/v1/project-auto-generate"
STREAM = f"{PATH}/stream"
URL = "https://api.example.com/1.jpg"
QUEUED = {
    "success": True,
    "run_id": "run_1",
    "project_id": "p-1",
    "phase": "images",
    "queued": 2,
    "skipped": [{"shot_id": "h-9", "reason": "already_completed"}, {"reason": "odd"}, 7],
    "skipped_total": 1,
    "estimated_credits": 6,
    "concurrency": 4,
    "model": "fal-ai/flux/schnell",
    "message": "Generation has been queued",
}
DONE = {"shot_id": "h-1", "status": "completed", "url": URL, "credits": 3, "job_id": "j-1"}
FAILED = {"shot_id": "h-2", "status": "failed", "reason": "content_policy"}
STATUS = {
    "success": True,
    "run_id": "run_1",
    "status": "completed",
    "total": 2,
    "completed": 1,
    "failed": 1,
    "credits_used": 3,
    "shots": [DONE],
    "next_cursor": "c1",
}
LAST = {**STATUS, "shots": [FAILED], "next_cursor": None}


def event(number: int, name: str, data: Any) -> bytes:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


BEGUN = event(1, "status", {"status": "running", "total": 2})
FIRST, SECOND = event(2, "shot", DONE), event(3, "shot", FAILED)
END = event(4, "status", {"status": "completed"}) + event(4, "end", {"id": "run_1"})


def serve(server: Server, *streams: Any) -> None:
    """An order, two pages of its run, and the streams that are given."""
    server.on(STREAM, *(streams or [streamed(BEGUN, FIRST, SECOND, END)]))
    server.on(PATH, answer(202, QUEUED), answer(200, STATUS), answer(200, LAST))


def test_every_picture_is_made_and_reported(call: Both, server: Server) -> None:
    serve(server)
    told: list[Progress] = []
    result = call("auto_generate", "p-1", "images", told.append, image_model="fal-ai/flux/dev")
    assert (result.status, result.completed, result.failed) == ("completed", 1, 1)
    assert result.shots == (
        BatchShot(shot_id="h-1", status="completed", url=URL, credits=3, job_id="j-1"),
        BatchShot(shot_id="h-2", status="failed", reason="content_policy"),
    )
    (sent,) = server.bodies(PATH)
    assert sent == {
        "project_id": "p-1",
        "phase": "images",
        "dry_run": False,
        "image_model": "fal-ai/flux/dev",
    }
    assert [one.percent for one in told] == [1, 50, 99, 100]
    assert told[1].message == "1 of 2 shots are done"


def test_a_stream_that_is_cut_goes_on_behind_the_last_event(call: Both, server: Server) -> None:
    cut = streamed(BEGUN, FIRST, httpx.ReadError("cut"))
    serve(server, streamed(BEGUN), cut, streamed(SECOND[:20]), streamed(SECOND, END))
    shots = call("batches.follow", "run_1")
    assert [one.shot_id for one in shots] == ["h-1", "h-2"]
    after = [request.headers.get("last-event-id") for request in server.to(STREAM)]
    assert after == [None, "1", "2", "2"]


def test_five_streams_without_events_raise_a_generation_error(call: Both, server: Server) -> None:
    serve(server, streamed())
    with pytest.raises(GenerationError):
        call("batches.follow", "run_1")
    assert len(server.to(STREAM)) == 5


def test_an_order_whose_answer_was_lost_is_sent_again_with_its_key(
    call: Both, server: Server
) -> None:
    server.on(PATH, httpx.ReadTimeout("late"), answer(202, QUEUED))
    queued = call("batches.start", "p-1", "images", request_id="mine")
    assert queued == QueuedBatch(
        run_id="run_1",
        project_id="p-1",
        phase="images",
        queued=2,
        skipped=(SkippedShot("h-9", "already_completed"),),
        skipped_total=1,
        estimated_credits=6,
        concurrency=4,
        model="fal-ai/flux/schnell",
        message="Generation has been queued",
    )
    keys = [request.headers["idempotency-key"] for request in server.to(PATH)]
    assert keys == ["mine", "mine"]


def test_an_estimate_begins_nothing(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, {**QUEUED, "run_id": None}))
    assert call("batches.estimate", "p-1", "videos", video_model="x").estimated_credits == 6
    (sent,) = server.bodies(PATH)
    assert (sent["dry_run"], sent["video_model"]) == (True, "x")


def test_nothing_to_make_is_a_result_without_a_run(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, {**QUEUED, "run_id": None, "queued": 0}))
    result = call("auto_generate", "p-1", "images")
    assert (result.run_id, result.status, result.shots) == (None, "completed", ())


def test_too_few_credits_raise_insufficient_credits(call: Both, server: Server) -> None:
    server.on(PATH, failure(402, "insufficient_credits", required=3, available=1))
    with pytest.raises(InsufficientCreditsError) as refused:
        call("auto_generate", "p-1", "images")
    assert (refused.value.required, refused.value.available) == (3, 1)


def test_a_list_that_goes_in_circles_is_refused(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, STATUS))
    with pytest.raises(GenerationError):
        call("batches.get", "run_1")


def test_one_shot_is_ordered(call: Both, server: Server) -> None:
    job = {"job_id": "j-1", "shot_id": "h-1", "kind": "image", "status": "queued", "credits": 3}
    server.on("api/shots/h-1/generations", answer(202, job))
    made = call("shots.generate", "h-1", "image", model="fal-ai/flux/dev", request_id="k")
    assert made == ShotGeneration(id="j-1", shot_id="h-1", kind="image", status="queued", credits=3)
    assert server.bodies("generations") == [{"kind": "image", "model": "fal-ai/flux/dev"}]
    assert server.to("generations")[0].headers["idempotency-key"] == "k"
