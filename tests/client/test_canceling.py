"""Ending a call: at once, with its answer closed and its job stopped."""

import asyncio
import contextlib
import gc
import http.server
import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from showreel_client import (
    AsyncUnifiedGenerationService,
    CancelToken,
    GenerationCanceled,
    Limits,
    Progress,
    UnifiedGenerationService,
)
from tests.client.support import BASE, IMPATIENT, Server, Stream, answer, events, sse

FAL = "functions/v1/fal-stream"
CANCEL = "api/jobs/job_1/cancel"
META = {"type": "meta", "job_id": "job_1"}
STEP = {"type": "progress", "event": {"status": "IN_PROGRESS", "progress": 0.5}}
DONE = {"type": "done", "result": {"video": {"url": "https://v3.fal.media/1.mp4"}}}


def ordinary(server: Server, limits: Limits = IMPATIENT) -> UnifiedGenerationService:
    client = httpx.Client(transport=httpx.MockTransport(server))
    return UnifiedGenerationService(BASE, "t", http=client, limits=limits)


def test_a_token_ends_a_stream_and_stops_the_job(server: Server) -> None:
    reply, token = events(META, STEP, STEP, DONE), CancelToken()
    server.on(FAL, reply).on(CANCEL, answer(200, {"status": "canceled"}))

    def stop(progress: Progress) -> None:
        if progress.percent == 50:
            token.cancel()

    with pytest.raises(GenerationCanceled) as caught:
        ordinary(server).generate_video("x", None, stop, cancel=token)
    assert caught.value.job_id == "job_1"
    assert reply.stream.is_closed
    assert [request.method for request in server.to(CANCEL)] == ["POST"]
    assert server.to(CANCEL)[0].headers["authorization"] == "Bearer t"


def test_a_token_ends_a_wait(server: Server) -> None:
    token = CancelToken()

    def accept(_: httpx.Request) -> httpx.Response:
        threading.Timer(0.05, token.cancel).start()
        return answer(202, {"job_id": "job_1"})

    server.on("functions/v1/elevenlabs-music", accept)
    server.on(CANCEL, answer(500))
    patient = Limits(poll_seconds=600, longest_poll_seconds=600)
    with pytest.raises(GenerationCanceled):
        ordinary(server, patient).generate_audio("x", model="elevenlabs-music", cancel=token)
    assert len(server.to(CANCEL)) == 1


def test_a_token_that_was_used_up_sends_nothing(server: Server) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(GenerationCanceled):
        ordinary(server).generate_video("x", cancel=token)
    assert server.requests == []


CHUNK = {"job_id": "job_1", "choices": [{"delta": {"content": "One"}}]}
TEXT = "functions/v1/groq-chat"


@pytest.mark.parametrize("stop", [answer(200, {}), answer(500), httpx.ConnectError("refused")])
def test_closing_the_iterator_closes_the_answer_and_stops_the_job(
    server: Server, stop: httpx.Response | Exception
) -> None:
    reply = events(CHUNK, CHUNK, "[DONE]")
    server.on(TEXT, reply).on(CANCEL, stop)
    pieces = ordinary(server).stream_text("x", model="groq/x")
    assert next(pieces) == "One"
    pieces.close()  # type: ignore[attr-defined]  # every generator has it
    assert reply.stream.is_closed
    assert len(server.to(CANCEL)) == 1


def test_dropping_the_iterator_stops_the_job(server: Server) -> None:
    server.on(TEXT, events(CHUNK, CHUNK, "[DONE]")).on(CANCEL, answer(200, {}))
    for _ in ordinary(server).stream_text("x", model="groq/x"):
        break
    gc.collect()
    assert len(server.to(CANCEL)) == 1


def test_a_text_that_was_read_to_its_end_is_not_stopped(server: Server) -> None:
    server.on(TEXT, events(CHUNK, "[DONE]")).on(CANCEL, answer(200, {}))
    pieces = ordinary(server).stream_text("x", model="groq/x")
    assert list(pieces) == ["One"]
    pieces.close()  # type: ignore[attr-defined]  # every generator has it
    assert server.to(CANCEL) == []


def test_an_interrupt_from_the_keyboard_stops_the_job(server: Server) -> None:
    server.on(FAL, events(META, STEP, DONE)).on(CANCEL, answer(200, {}))

    def interrupt(progress: Progress) -> None:
        if progress.percent == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ordinary(server).generate_video("x", None, interrupt)
    assert len(server.to(CANCEL)) == 1


class Stuck(Stream):
    """Tells of the job, then nothing more."""

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        yield sse(META, STEP)
        await asyncio.Event().wait()


def test_canceling_the_task_closes_the_answer_and_stops_the_job(server: Server) -> None:
    stream = Stuck([])
    reply = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=stream)
    server.on(FAL, reply).on(CANCEL, answer(200, {"status": "canceled"}))

    async def run() -> None:
        client = httpx.AsyncClient(transport=httpx.MockTransport(server))
        service = AsyncUnifiedGenerationService(BASE, "t", http=client, limits=IMPATIENT)
        half = asyncio.Event()

        def note(progress: Progress) -> None:
            if progress.percent == 50:
                half.set()

        task = asyncio.create_task(service.generate_video("x", None, note))
        await half.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert stream.is_closed
    assert len(server.to(CANCEL)) == 1


def test_leaving_an_async_iterator_closes_the_answer_and_stops_the_job(server: Server) -> None:
    reply = events(CHUNK, CHUNK, "[DONE]")
    server.on(TEXT, reply).on(CANCEL, answer(200, {}))

    async def run() -> None:
        client = httpx.AsyncClient(transport=httpx.MockTransport(server))
        service = AsyncUnifiedGenerationService(BASE, "t", http=client, limits=IMPATIENT)
        async with contextlib.aclosing(service.stream_text("x", model="groq/x")) as pieces:  # type: ignore[type-var]
            async for _ in pieces:
                break

    asyncio.run(run())
    assert reply.stream.is_closed
    assert len(server.to(CANCEL)) == 1


class _Silent(http.server.BaseHTTPRequestHandler):
    """Begins a stream and says nothing more until the client is gone."""

    gone = threading.Event()

    def do_POST(self) -> None:
        if "cancel" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(sse(META, STEP))
        self.rfile.read(1)
        self.gone.set()

    def log_message(self, *_: object) -> None:
        """Not on the screen."""


@pytest.fixture
def silent() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_read_that_hangs_ends_when_another_thread_says_so(silent: str) -> None:
    token = CancelToken()

    def soon(progress: Progress) -> None:
        if progress.percent == 50:
            threading.Timer(0.05, token.cancel).start()

    with (
        httpx.Client(trust_env=False) as client,
        UnifiedGenerationService(silent, "t", http=client) as service,
        pytest.raises(GenerationCanceled),
    ):
        service.generate_video("x", None, soon, cancel=token)
    assert _Silent.gone.wait(5)


def test_a_job_can_be_stopped_by_its_id(server: Server) -> None:
    server.on("api/jobs/a%2Fb/cancel", answer(200, {"id": "a/b", "status": "canceled"}))
    server.on("api/jobs/a/b/cancel", answer(200, json.loads('{"status": "canceled"}')))
    assert ordinary(server).cancel_job("a/b") == "canceled"
    assert server.requests[0].url.raw_path.endswith(b"/api/jobs/a%2Fb/cancel")
