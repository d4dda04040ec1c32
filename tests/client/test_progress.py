"""What the progress callback sees."""

import asyncio
from typing import Any

import httpx
import pytest

from showreel_client import AsyncUnifiedGenerationService, Progress
from showreel_client.errors import GenerationError
from tests.client.support import BASE, IMPATIENT, Both, Server, answer, events, streamed

FAL = "functions/v1/fal-stream"
DONE = {"type": "done", "result": {"video": {"url": "https://v3.fal.media/1.mp4"}}}


def step(status: str, progress: Any = None, position: Any = None) -> dict[str, Any]:
    event = {"status": status, "progress": progress, "queue_position": position}
    return {"type": "progress", "event": event}


def test_the_third_argument_receives_every_progress_step(call: Both, server: Server) -> None:
    steps = [step("IN_QUEUE", None, 2), step("IN_PROGRESS", 0.25), step("IN_PROGRESS", 60)]
    server.on(FAL, events(*steps, step("COMPLETED", 1), DONE))
    seen: list[Progress] = []
    call("generate_video", "x", {}, seen.append)
    assert [f"{one.percent}% — {one.message}" for one in seen] == [
        "0% — Starting",
        "5% — Queued, position 2",
        "25% — Generating",
        "60% — Generating",
        "99% — Storing",
        "100% — Complete",
    ]


def test_it_never_goes_back_even_over_a_new_connection(call: Both, server: Server) -> None:
    forth_and_back = [step("IN_PROGRESS", value) for value in (0.5, 0.2, 0.7)]
    cut = streamed(*events(*forth_and_back).stream._pieces, httpx.ReadError("reset"))
    server.on(FAL, cut, events(step("IN_QUEUE"), *forth_and_back, DONE))
    seen: list[Progress] = []
    call("generate_video", "x", None, seen.append)
    percents = [one.percent for one in seen]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1], percents.count(100)) == (0, 100, 1)


@pytest.mark.parametrize("told", ["half", None, [], -1, 1e999, 10**400, True, {"a": 1}])
def test_a_percentage_that_is_none(call: Both, server: Server, told: Any) -> None:
    raw = f'{{"type": "progress", "event": {{"progress": {told if told == 10**400 else 0}}}}}'
    event = raw if told == 10**400 else step("IN_PROGRESS", told)
    server.on(FAL, events(event, DONE))
    seen: list[Progress] = []
    call("generate_video", "x", None, seen.append)
    assert all(type(one.percent) is int and 0 <= one.percent <= 100 for one in seen)


def test_a_failure_never_reaches_the_end(call: Both, server: Server) -> None:
    server.on(FAL, events(step("IN_PROGRESS", 0.9), {"type": "error", "error": "No"}))
    seen: list[Progress] = []
    with pytest.raises(GenerationError):
        call("generate_video", "x", None, seen.append)
    assert max(one.percent for one in seen) == 90


@pytest.mark.parametrize(
    ("method", "model", "path", "replies"),
    [
        ("generate_text", "groq/x", "groq-chat", [answer(200, {"text": "x"})]),
        (
            "generate_audio",
            "elevenlabs-tts",
            "elevenlabs-tts",
            [answer(202, {"job_id": "j"}), answer(200, {"url": "https://a.example/1.mp3"})],
        ),
        (
            "generate_video",
            "gmi/seedance-2.0-t2v",
            "gmi-execute",
            [
                answer(200, {"requestId": "r"}),
                answer(200, {"status": "processing", "progress": 40}),
                answer(200, {"status": "success", "data": {"url": "https://a.example/1.mp4"}}),
            ],
        ),
    ],
)
def test_every_route_begins_at_0_and_ends_with_100(
    call: Both, server: Server, method: str, model: str, path: str, replies: list[Any]
) -> None:
    server.on(f"functions/v1/{path}", *replies)
    seen: list[Progress] = []
    call(method, "x", {"model": model}, seen.append)
    assert (seen[0], seen[-1]) == (Progress(0, "Starting"), Progress(100, "Complete"))


def test_an_async_callback_is_awaited(server: Server) -> None:
    server.on(FAL, events(DONE))
    seen: list[int] = []

    async def note(progress: Progress) -> None:
        await asyncio.sleep(0)
        seen.append(progress.percent)

    async def run() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(server))
        async with AsyncUnifiedGenerationService(BASE, "t", http=http, limits=IMPATIENT) as service:
            await service.generate_video("x", None, note)

    asyncio.run(run())
    assert seen[-1] == 100


def test_a_callback_that_fails_ends_the_call_and_the_answer(call: Both, server: Server) -> None:
    reply = events(step("IN_PROGRESS", 0.5), DONE)
    stream = reply.stream
    server.on(FAL, reply)

    def fail(progress: Progress) -> None:
        if progress.percent:
            raise LookupError("the screen is gone")

    with pytest.raises(LookupError):
        call("generate_video", "x", None, fail)
    assert stream.is_closed
