"""The same call again never pays twice: the same key, bounded, and never after a verdict."""

from typing import Any

import httpx
import pytest

from showreel_client import GenerationError, GenerationInput, Limits
from showreel_client.catalogue import Catalogue
from showreel_client.effects import Answer, Emit, JobKnown, Lost, Read, Report, Send, Sleep
from showreel_client.generation import Setting, generate
from tests.client.support import (
    BASE,
    IMPATIENT,
    Both,
    Clock,
    Server,
    answer,
    events,
    failure,
    sse,
    streamed,
    without_chance,
)

FAL = "functions/v1/fal-stream"
GROQ = "functions/v1/groq-chat"
DONE = {"type": "done", "result": {"images": [{"url": "https://v3.fal.media/1.png"}]}}
PASSING = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("cut"),
    answer(429, {"code": "rate_limited"}, Retry_After="0"),
    answer(502),
    failure(503, "try_again"),
    answer(504, {"success": False, "code": "internal_error"}),
    failure(409, "idempotency_in_flight"),
]


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_retried_with_the_same_key(
    call: Both, server: Server, fault: Any
) -> None:
    server.on(FAL, fault, fault, events(DONE))
    call("generate_image", "x")
    keys = {request.headers["idempotency-key"] for request in server.to(FAL)}
    bodies = server.bodies(FAL)
    assert len(bodies) == 3
    assert keys == {body["request_id"] for body in bodies}
    assert bodies[0] == bodies[1] == bodies[2]


def test_two_calls_have_two_keys(call: Both, server: Server) -> None:
    server.on(GROQ, answer(200, {"text": "x"}))
    for _ in range(2):
        call("generate_text", "x", model="groq/x")
    assert len({request.headers["idempotency-key"] for request in server.to(GROQ)}) == 2


def test_a_call_can_be_taken_up_again_under_its_own_key(call: Both, server: Server) -> None:
    server.on(GROQ, answer(200, {"text": "x"}))
    result = call("generate_text", "x", model="groq/x", request_id="order-7")
    assert server.requests[0].headers["idempotency-key"] == "order-7"
    assert result.metadata.generation_id == "order-7"


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "ü"])
def test_a_key_that_no_header_can_carry(call: Both, key: str) -> None:
    with pytest.raises(ValueError, match="request_id"):
        call("generate_text", "x", request_id=key)


def test_a_broken_stream_is_taken_up_again(call: Both, server: Server) -> None:
    progress = {"type": "progress", "event": {"status": "IN_PROGRESS", "progress": 0.5}}
    broken = streamed(sse(progress), httpx.ReadError("reset"))
    server.on(FAL, broken, streamed(sse(progress)), events(progress, DONE))
    assert call("generate_image", "x").url == "https://v3.fal.media/1.png"
    assert len({body["request_id"] for body in server.bodies(FAL)}) == 1
    assert len(server.to(FAL)) == 3
    assert {request.headers["prefer"] for request in server.to(FAL)} == {"wait=120"}


@pytest.mark.parametrize(
    "reply",
    [httpx.ConnectError("refused"), answer(500), answer(503), streamed(httpx.ReadError("reset"))],
)
def test_attempts_are_bounded(call: Both, server: Server, reply: Any) -> None:
    server.on(FAL, reply)
    with pytest.raises(GenerationError) as caught:
        call("generate_image", "x")
    assert caught.value.code == "stream_error"
    assert len(server.to(FAL)) == IMPATIENT.attempts


@pytest.mark.parametrize(
    "reply",
    [
        failure(502, "provider_upstream"),
        failure(502, "provider_error"),
        failure(502, "content_policy"),
        failure(502, "model_gone"),
        failure(429, "daily_spend_cap"),
        failure(409, "conflict"),
        failure(422, "idempotency_mismatch"),
        answer(301, None, Location="https://elsewhere.example"),
        events({"type": "error", "code": "provider_timeout", "error": "Too slow"}),
        events({"type": "done", "result": None}),
    ],
)
def test_a_verdict_is_never_asked_again(call: Both, server: Server, reply: httpx.Response) -> None:
    server.on(FAL, reply)
    with pytest.raises(GenerationError):
        call("generate_image", "x")
    assert len(server.requests) == 1


def test_a_long_retry_after_is_the_callers_to_wait_for(call: Both, server: Server) -> None:
    server.on(FAL, answer(429, {"code": "rate_limited"}, Retry_After="3600"))
    with pytest.raises(GenerationError):
        call("generate_image", "x")
    assert len(server.requests) == 1


def test_a_resumed_text_goes_on_where_it_broke(call: Both, server: Server) -> None:
    def chunk(text: str) -> dict[str, Any]:
        return {"choices": [{"delta": {"content": text}}]}

    broken = streamed(sse(chunk("One "), chunk("tw")), httpx.ReadError("reset"))
    server.on(GROQ, broken, events(chunk("One two"), chunk(" three"), "[DONE]"))
    assert call("stream_text", "x", model="groq/x") == ["One ", "tw", "o", " three"]


def test_a_resumed_text_must_be_the_same(call: Both, server: Server) -> None:
    first = {"choices": [{"delta": {"content": "One"}}]}
    other = {"choices": [{"delta": {"content": "Two"}}]}
    server.on(GROQ, streamed(sse(first), httpx.ReadError("reset")), events(other, "[DONE]"))
    with pytest.raises(GenerationError, match="changed"):
        call("stream_text", "x", model="groq/x")


def test_polls_carry_no_key_and_outlive_passing_faults(call: Both, server: Server) -> None:
    done = {"success": True, "status": "success", "data": {"video_url": "https://a.example/1.mp4"}}
    queued = answer(200, {"success": True, "status": "queued"})
    faults = [answer(503), queued, httpx.ReadTimeout("slow"), queued] * 3
    submitted = answer(200, {"success": True, "requestId": "r"})
    server.on("functions/v1/gmi-execute", submitted, *faults, answer(200, done))
    assert call("generate_video", "x", model="gmi/seedance-2.0-t2v").status == "completed"
    submit, *polls = server.requests
    assert "idempotency-key" in submit.headers
    assert not any("idempotency-key" in poll.headers for poll in polls)


def played(
    limits: Limits, wanted: GenerationInput, clock: Clock, replies: list[Any]
) -> list[float]:
    """The waits of a conversation that is answered with `replies`; the last one stays."""
    setting = Setting(BASE, None, limits, without_chance(clock), Catalogue())
    conversation = generate(setting, wanted, "unknown", "key")
    waits, reply = [], None
    while True:
        try:
            effect = conversation.send(reply)
        except (StopIteration, GenerationError):
            return waits
        reply = None
        match effect:
            case Send() | Read():
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
            case Sleep(seconds):
                clock.now += seconds
                waits.append(seconds)
            case Report() | Emit() | JobKnown():
                pass


GROQ_INPUT = GenerationInput("groq/x", "x")
STREAM = Answer(200, is_stream=True)
LOST = Lost("ReadError")


def test_waits_double_up_to_the_longest() -> None:
    limits = Limits(attempts=7, first_wait_seconds=1, longest_wait_seconds=10)
    assert played(limits, GROQ_INPUT, Clock(), [LOST]) == [1, 2, 4, 8, 10, 10]


def test_the_server_is_asked_no_sooner_than_it_wants() -> None:
    busy = Answer(429, {"retry-after": "7"})
    assert played(Limits(attempts=3), GROQ_INPUT, Clock(), [busy]) == [7.5, 8]


def test_a_date_is_read_by_the_servers_clock() -> None:
    when = {"date": "Sat, 21 Nov 2026 05:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 05:00:09 GMT"}
    assert played(Limits(attempts=2), GROQ_INPUT, Clock(), [Answer(503, when)]) == [9.5]


def test_no_wait_goes_beyond_the_deadline() -> None:
    limits = Limits(attempts=100, total_seconds=10, first_wait_seconds=1, longest_wait_seconds=4)
    assert played(limits, GROQ_INPUT, Clock(), [LOST]) == [1, 2, 4]


def test_the_first_request_still_in_flight_is_waited_for() -> None:
    busy = Answer(409, body=b'{"code": "idempotency_in_flight"}')
    done = Answer(200, body=b'{"text": "x"}')
    waits = played(Limits(attempts=2), GROQ_INPUT, Clock(), [LOST, *[busy] * 5, done])
    assert waits == [0.5, 1, 2, 4, 8, 16]


def test_long_streams_may_be_cut_any_number_of_times() -> None:
    clock = Clock(step=10.0)
    limits = Limits(attempts=2, total_seconds=100_000)
    replies = [STREAM, LOST] * 20 + [STREAM, sse(DONE)]
    wanted = GenerationInput("fal-ai/kling-video/o3/standard/text-to-video", "x")
    assert len(played(limits, wanted, clock, replies)) == 20


def test_streams_that_end_at_once_are_not_followed_for_ever() -> None:
    replies = [STREAM, sse({"type": "meta"}), b""] * 50
    wanted = GenerationInput("fal-ai/kling-video/o3/standard/text-to-video", "x")
    assert len(played(Limits(attempts=4), wanted, Clock(), replies)) == 3


def test_gmi_is_asked_ever_more_slowly() -> None:
    submitted = Answer(200, body=b'{"success": true, "requestId": "r"}')
    busy = Answer(200, body=b'{"success": true, "status": "processing"}')
    wanted = GenerationInput("gmi/seedance-2.0-t2v", "x")
    waits = played(Limits(total_seconds=60), wanted, Clock(), [submitted, busy])
    assert waits == [2, 3, 4.5, 6.75, 10, 10, 10, 10]
