"""A server that lies, rambles or breaks off: an error of ours, never a crash, never for ever."""

import json
from typing import Any

import httpx
import pytest

from showreel_client import GenerationError, GenerationResult
from showreel_client.effects import MAX_BODY_BYTES
from showreel_client.sse import MAX_EVENT_BYTES, MAX_STREAM_BYTES, Parser, TooMuch
from tests.client.support import Both, Server, answer, events, failure, streamed

FAL = "functions/v1/fal-stream"
ODD: list[Any] = [None, True, 0, -1, 1.5, "text", [], [1], {}, {"url": 1}, {"a": {"b": []}}]
FIELDS = [
    "type", "job_id", "event", "result", "model", "storage_url", "credits", "fallback_used",
    "fallback_reason", "media_type", "error", "code", "width", "resolved_model",
]  # fmt: skip
DONE = {"type": "done", "result": {"images": [{"url": "https://v3.fal.media/1.png"}]}}


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("kind", ["meta", "progress", "fallback", "done", "error"])
def test_events_with_wrong_types(call: Both, server: Server, kind: str, value: Any) -> None:
    wrong = [{**dict.fromkeys(FIELDS, value), "type": kind}, {"type": value}, value]
    server.on(FAL, events(*wrong, DONE))
    try:
        result: GenerationResult = call("generate_image", "x")
    except GenerationError:
        return
    assert isinstance(result.url, str)
    assert isinstance(result.metadata.credits, int | None)
    assert isinstance(result.metadata.resolved_model, str)


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    ("method", "model", "path"),
    [
        ("generate_text", "groq/x", "groq-chat"),
        ("generate_text", "google/gemini-2.5-flash", "gemini-text-generation"),
        ("generate_audio", "elevenlabs-tts", "elevenlabs-tts"),
        ("generate_video", "gmi/seedance-2.0-t2v", "gmi-execute"),
    ],
)
def test_answers_with_wrong_types(
    call: Both, server: Server, method: str, model: str, path: str, value: Any
) -> None:
    names = ["text", "choices", "url", "status", "data", "requestId", "usage", "progress"]
    for body in (value, dict.fromkeys(names, value), {"data": {"outcome": value}}):
        for status in (200, 400, 402):
            server.on(f"functions/v1/{path}", answer(status, body), failure(400, "end"))
            try:
                result = call(method, "x", model=model)
            except GenerationError:
                continue
            assert (status, isinstance(result.text, str)) == (200, True)


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//host/path",
        "https://",
        "https://a.example/\nb",
        "https://[::1",
        "https://a.example/" + "x" * 10_000,
    ],
)
def test_only_web_addresses_are_passed_on(call: Both, server: Server, bad: str) -> None:
    done = {"type": "done", "storage_url": bad, "result": {"video": {"url": bad}, "url": bad}}
    server.on(FAL, events(done))
    result = call("generate_video", "x")
    assert (result.url, result.urls, result.metadata.storage_url) == ("", (), None)


@pytest.mark.parametrize("identity", ["../../x", "a/b", "", "x" * 200, 7, "a?b"])
def test_a_job_id_that_is_none_is_not_asked_for(call: Both, server: Server, identity: Any) -> None:
    server.on("functions/v1/elevenlabs-tts", answer(202, {"job_id": identity}))
    with pytest.raises(GenerationError) as caught:
        call("generate_audio", "x", model="elevenlabs-tts")
    assert (caught.value.code, len(server.requests)) == ("audio_error", 1)


def test_a_line_without_end(call: Both, server: Server) -> None:
    piece = b"x" * 1_000_000
    server.on(FAL, streamed(b"data: ", *[piece] * 20))
    with pytest.raises(GenerationError) as caught:
        call("generate_image", "x")
    assert (caught.value.code, len(server.requests)) == ("stream_error", 1)


def fed(piece: bytes, times: int) -> None:
    parser = Parser()
    for _ in range(times):
        list(parser.feed(piece))


def test_a_stream_without_end() -> None:
    comment = b":" + b"x" * 1_000_000 + b"\n"
    with pytest.raises(TooMuch):
        fed(comment, MAX_STREAM_BYTES // len(comment) + 1)


def test_an_event_of_endless_lines() -> None:
    line = b"data: " + b"x" * 1_000_000 + b"\n"
    with pytest.raises(TooMuch):
        fed(line, MAX_EVENT_BYTES // len(line) + 2)


def test_a_body_without_end(call: Both, server: Server) -> None:
    server.on("functions/v1/groq-chat", httpx.Response(200, content=b" " * (MAX_BODY_BYTES + 1)))
    with pytest.raises(GenerationError) as caught:
        call("generate_text", "x", model="groq/x")
    assert (caught.value.code, len(server.requests)) == ("groq_error", 1)


def test_a_compressed_answer_is_not_unpacked(call: Both, server: Server) -> None:
    def bomb(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        return streamed(b"\x1f\x8b not read")

    def named(request: httpx.Request) -> httpx.Response:
        reply = bomb(request)
        reply.headers["content-encoding"] = "gzip"
        return reply

    server.on(FAL, named)
    with pytest.raises(GenerationError, match="compressed"):
        call("generate_image", "x")


@pytest.mark.parametrize(
    "body", [b"<html>", b"[" * 100_000, b"\xff\xfe", b"NaN", b'{"a":' + b"1" * 5_000]
)
def test_bodies_that_are_no_json(call: Both, server: Server, body: bytes) -> None:
    for status in (200, 404):
        server.on("functions/v1/groq-chat", httpx.Response(status, content=body))
        with pytest.raises(GenerationError) as caught:
            call("generate_text", "x", model="groq/x")
        assert caught.value.code == "groq_error"


def test_an_error_text_is_kept_short(call: Both, server: Server) -> None:
    server.on(FAL, answer(400, {"message": "x" * 100_000}))
    with pytest.raises(GenerationError) as caught:
        call("generate_image", "x")
    assert len(caught.value.message) == 1_000


def test_a_redirect_does_not_get_the_token(call: Both, server: Server) -> None:
    moved = httpx.Response(307, headers={"Location": "https://elsewhere.example/"})
    server.on(FAL, moved)
    with pytest.raises(GenerationError):
        call("generate_image", "x")
    assert {request.url.host for request in server.requests} == {"api.example.com"}


def test_the_next_page_of_another_server_is_not_read(call: Both, server: Server) -> None:
    there = '<https://elsewhere.example/functions/v1/model-catalog?cursor=2>; rel="next"'
    server.on("functions/v1/model-catalog", answer(200, [], Link=there))
    assert call("models") == {}
    assert len(server.requests) == 1


@pytest.mark.parametrize("entries", [{}, "x", 1, None])
def test_a_catalogue_that_is_no_list(call: Both, server: Server, entries: Any) -> None:
    server.on("functions/v1/model-catalog", answer(200, entries))
    with pytest.raises(GenerationError) as caught:
        call("models")
    assert caught.value.code == "edge_function_error"


@pytest.mark.parametrize("value", ODD)
def test_catalogue_entries_with_wrong_types(call: Both, server: Server, value: Any) -> None:
    names = ["provider", "mediaType", "workflowType", "inputs", "aspectRatios", "lifecycle", "name"]
    entry = {"id": "fal-ai/x", **dict.fromkeys(names, value)}
    server.on("functions/v1/model-catalog", answer(200, [value, {"id": value}, entry]))
    assert "fal-ai/x" in call("models")


STREAM = (
    '\ufeffdata: {"a": 1}\r\n\r\n: comment\nevent: end\rdata: one\rdata:two\r\n\r\n'
    "id: 3\nretry: 5\nnonsense\ndata\n\ndata: last ü"
).encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_events_may_be_cut_anywhere(size: int) -> None:
    parser, found = Parser(), []
    for start in range(0, len(STREAM), size):
        found += parser.feed(STREAM[start : start + size])
    found += parser.end()
    texts = [(event.name, event.data) for event in found]
    assert texts == [
        ("message", json.dumps({"a": 1})),
        ("end", "one\ntwo"),
        ("message", ""),
        ("message", "last ü"),
    ]
