"""The twelve documented codes, each really raised."""

from typing import Any, get_args

import httpx
import pytest

from showreel_client import ErrorCode, GenerationError, InsufficientCreditsError, Limits
from tests.client.support import Both, Server, answer, events, failure, streamed

FAL = "functions/v1/fal-stream"
GMI = "functions/v1/gmi-execute"
GEMINI = "functions/v1/gemini-text-generation"
DOCUMENTED = {
    "insufficient_credits", "stream_error", "no_body", "no_result", "provider_error", "text_error",
    "groq_error", "audio_error", "edge_function_error", "gmi_error", "gmi_timeout", "unknown_route",
}  # fmt: skip
ROUTES = [
    ("generate_image", "fal-ai/flux/dev", FAL, "stream_error"),
    ("generate_video", "gmi/seedance-2.0-t2v", GMI, "gmi_error"),
    ("generate_text", "google/gemini-2.5-flash", GEMINI, "text_error"),
    ("generate_text", "groq/x", "functions/v1/groq-chat", "groq_error"),
    ("generate_audio", "elevenlabs-sfx", "functions/v1/elevenlabs-sfx", "audio_error"),
]


def raised(call: Both, method: str, *arguments: Any, **keywords: Any) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        call(method, *arguments, **keywords)
    return caught.value


def test_the_codes_are_the_documented_ones() -> None:
    assert set(get_args(ErrorCode)) == DOCUMENTED


@pytest.mark.parametrize(("method", "model", "path", "code"), ROUTES)
@pytest.mark.parametrize("status", [400, 401, 404, 422, 501])
def test_an_http_error_has_the_routes_code(
    call: Both, server: Server, method: str, model: str, path: str, code: str, status: int
) -> None:
    server.on(path, failure(status, "some_code", details=[{"field": "prompt"}]))
    error = raised(call, method, "x", model=model, request_id="mine")
    assert (error.code, error.status, error.server_code) == (code, status, "some_code")
    assert (str(error), error.request_id) == ("It didn't work", "mine")
    assert error.details["details"] == [{"field": "prompt"}]
    assert len(server.to(path)) == 1


@pytest.mark.parametrize(("method", "model", "path", "code"), ROUTES)
def test_too_few_credits(
    call: Both, server: Server, method: str, model: str, path: str, code: str
) -> None:
    top_up_url = "https://api.example.com/dev/api/credits"
    amounts = {"required": 20, "available": 3, "top_up_url": top_up_url}
    server.on(path, failure(402, "insufficient_credits", **amounts))
    error = raised(call, method, "x", model=model)
    assert isinstance(error, InsufficientCreditsError)
    assert (error.code, error.required, error.available) == ("insufficient_credits", 20, 3)
    assert (error.top_up_url, error.status) == (top_up_url, 402)
    assert len(server.to(path)) == 1


def test_too_few_credits_in_mid_stream(call: Both, server: Server) -> None:
    told = {"type": "error", "error": "No", "code": "insufficient_credits", "required": 5}
    server.on(FAL, events({"type": "meta"}, told))
    error = raised(call, "generate_image", "x")
    assert isinstance(error, InsufficientCreditsError)
    assert (error.required, error.available, error.top_up_url) == (5, 0, None)


def test_an_error_event_is_the_providers(call: Both, server: Server) -> None:
    told = {"type": "error", "error": "Refused", "code": "content_policy", "job_id": "job_1"}
    server.on(FAL, events({"type": "meta", "job_id": "job_0"}, told))
    error = raised(call, "generate_image", "x")
    assert (error.code, error.server_code) == ("provider_error", "content_policy")
    assert (error.message, error.job_id) == ("Refused", "job_1")
    assert len(server.to(FAL)) == 1


@pytest.mark.parametrize(
    "reply", [streamed(), streamed(b""), answer(200), httpx.Response(200, content=b" ")]
)
def test_a_stream_without_a_body(call: Both, server: Server, reply: httpx.Response) -> None:
    server.on(FAL, reply)
    assert raised(call, "generate_image", "x").code in {"no_body", "no_result"}


def test_an_empty_stream_has_no_body(call: Both, server: Server) -> None:
    server.on(FAL, streamed())
    assert raised(call, "generate_image", "x").code == "no_body"


def test_an_empty_answer_has_no_body(call: Both, server: Server) -> None:
    server.on(GEMINI, httpx.Response(200))
    assert raised(call, "generate_text", "x").code == "no_body"


@pytest.mark.parametrize(
    "reply",
    [
        events({"type": "meta"}),
        events({"type": "done", "result": None}),
        httpx.Response(200, json={"hello": 1}),
        streamed(b": only a comment\n\n"),
    ],
)
def test_a_stream_without_a_result(call: Both, server: Server, reply: httpx.Response) -> None:
    server.on(FAL, reply)
    assert raised(call, "generate_image", "x").code == "no_result"


def test_a_text_that_ends_without_its_mark(call: Both, server: Server) -> None:
    server.on(GEMINI, events({"choices": [{"delta": {"content": "Half"}}]}))
    assert raised(call, "stream_text", "x").code == "no_result"
    assert raised(call, "generate_text", "x", parameters={"stream": True}).code == "no_result"


def test_a_completion_without_text(call: Both, server: Server) -> None:
    server.on(GEMINI, answer(200, {"choices": []}))
    assert raised(call, "generate_text", "x").code == "no_result"


def test_an_error_in_a_text_stream(call: Both, server: Server) -> None:
    server.on(GEMINI, events({"type": "error", "error": "Blocked", "code": "content_policy"}))
    error = raised(call, "stream_text", "x")
    assert (error.code, error.server_code) == ("text_error", "content_policy")


def test_a_named_function_that_fails(call: Both, server: Server) -> None:
    server.on("functions/v1/gen-thing", failure(409, "conflict"))
    error = raised(call, "generate", {"model": "x", "prompt": "", "parameters": {
        "_edgeFunction": "gen-thing"}})  # fmt: skip
    assert (error.code, error.status) == ("edge_function_error", 409)


def test_a_job_that_fails_later(call: Both, server: Server) -> None:
    failed = {"success": False, "status": "failed", "code": "canceled", "error": "Canceled"}
    server.on("functions/v1/elevenlabs-sfx", answer(202, {"job_id": "job_1"}), answer(200, failed))
    error = raised(call, "generate_audio", "x", model="elevenlabs-sfx")
    assert (error.code, error.server_code, error.job_id) == ("audio_error", "canceled", "job_1")


def test_gmi_fails_and_says_so(call: Both, server: Server) -> None:
    failed = {"success": True, "status": "failed", "data": {"outcome": {"error": "No capacity"}}}
    server.on(GMI, answer(200, {"success": True, "requestId": "r"}), answer(200, failed))
    error = raised(call, "generate_video", "x", model="gmi/seedance-2.0-t2v")
    assert (error.code, error.message) == ("gmi_error", "No capacity")


def test_gmi_takes_too_long(server: Server) -> None:
    server.on(GMI, answer(200, {"success": True, "requestId": "r", "job_id": "job_1"}))
    for is_async in (False, True):
        impatient = Both(server, is_async=is_async, limits=Limits(total_seconds=1, poll_seconds=2))
        error = raised(impatient, "generate_video", "x", model="gmi/seedance-2.0-t2v")
        assert (error.code, error.job_id) == ("gmi_timeout", "job_1")


def test_the_servers_own_timeout_keeps_its_code(call: Both, server: Server) -> None:
    server.on(GMI, failure(504, "gmi_timeout"))
    assert raised(call, "generate_video", "x", model="gmi/wan2.6-t2v").code == "gmi_timeout"


def test_a_catalogue_that_cannot_be_read(call: Both, server: Server) -> None:
    server.on("functions/v1/model-catalog", failure(403, "forbidden"))
    assert raised(call, "generate", {"model": "x", "prompt": "y"}).code == "edge_function_error"


def test_an_unknown_route_asks_nobody_to_pay(call: Both, server: Server) -> None:
    error = raised(call, "generate_image", "x", model="nothing-like-it", request_id="mine")
    assert (error.code, error.request_id) == ("unknown_route", "mine")


@pytest.mark.parametrize("options", [{"modle": "x"}, {"autostore": True}])
def test_an_option_that_there_is_not(call: Both, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="there is no option"):
        call("generate_image", "x", options)
