import itertools
import json
import threading

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers import event_streams
from showreel.providers.gmi.text import GmiText
from showreel.providers.groq.text import Groq
from showreel.providers.http import NotSent, http_client
from showreel.providers.text import Message, TextDelta, TextEnd, TextRequest, TextUsage
from tests.unit.providers.streaming import REQUEST, collected, event, says, streams

DONE = event("[DONE]")


@pytest.fixture
def groq(vendor):
    yield Groq(vendor.base_url, "gsk_1")
    http_client(vendor.base_url).close()
    http_client.cache_clear()


def chunk(content=None, finish=None, **more):
    delta = {} if content is None else {"content": content}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more})


def usage(given, made):
    return {"usage": {"prompt_tokens": given, "completion_tokens": made}}


def test_a_request_is_sent_as_groq_documents_it(vendor, groq):
    vendor.answer = streams([chunk("Hi"), chunk(finish="stop"), DONE])
    request = TextRequest(
        "openai/gpt-oss-120b",
        REQUEST.messages,
        100,
        temperature=0.7,
        parameters={"reasoning_effort": "low", "stream": False, "model": "another"},
    )
    collected(groq.stream(request))
    method, path, headers, body = vendor.requests[0]
    assert (method, path) == ("POST", "/_p/key/openai/v1/chat/completions")
    assert headers["authorization"] == "Bearer gsk_1"
    assert json.loads(body) == {
        "model": "openai/gpt-oss-120b",
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "A lamp"},
        ],
        "max_completion_tokens": 100,
        "temperature": 0.7,
        "reasoning_effort": "low",
        "stream": True,
    }


def test_gmi_is_asked_for_the_usage(vendor, groq):
    vendor.answer = streams([chunk("Hi", "stop"), event({"choices": [], **usage(3, 1)}), DONE])
    assert collected(GmiText(vendor.base_url, "key").stream(REQUEST))[1].usage == TextUsage(3, 1)
    method, path, _, body = vendor.requests[0]
    assert (method, path) == ("POST", "/_p/key/v1/chat/completions")
    sent = json.loads(body)
    assert sent["max_tokens"] == 100
    assert sent["stream_options"] == {"include_usage": True}
    assert "temperature" not in sent


@pytest.mark.parametrize(("said", "count"), [("A lamp", 2), ("A lamp as JSON", 1)])
def test_json_mode_needs_the_word(vendor, groq, said, count):
    vendor.answer = streams([chunk("{}", "stop"), DONE])
    collected(groq.stream(TextRequest("m", (Message("user", said),), 10, json_only=True)))
    sent = json.loads(vendor.requests[0][3])
    assert sent["response_format"] == {"type": "json_object"}
    assert len(sent["messages"]) == count
    assert "JSON" in str(sent["messages"])


def test_nothing_is_sent_before_the_first_piece_is_asked_for(vendor, groq):
    groq.stream(REQUEST)
    assert vendor.requests == []


def test_pieces_and_usage(vendor, groq):
    last = {"x_groq": {"id": "req_1", **usage(12, 5)}}
    vendor.answer = streams(
        [chunk(""), chunk("Hé"), chunk("llo"), chunk(None, "stop", **last), DONE]
    )
    assert collected(groq.stream(REQUEST)) == (["Hé", "llo"], TextEnd("stop", TextUsage(12, 5)))


def test_frames_may_be_cut_anywhere(vendor, groq):
    whole = b": ping\r\n\r\n" + b"".join(
        [
            b"event: x\nid: 3\n",
            chunk("Hé"),
            chunk("llo", "stop").replace(b"\n\n", b"\r\n\r\n"),
            DONE,
        ]
    )
    vendor.answer = streams(whole[place : place + 1] for place in range(len(whole)))
    assert collected(groq.stream(REQUEST))[0] == ["Hé", "llo"]


def test_a_frame_of_several_lines(vendor, groq):
    lines_of_it = ('{"choices": [{"delta":', '{"content": "Hi"},', '"finish_reason": "stop"}]}')
    frame = "".join(f"data: {line}\n" for line in lines_of_it)
    vendor.answer = streams([f"{frame}\n".encode()])
    assert collected(groq.stream(REQUEST))[0] == ["Hi"]


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        (["x"], "stop"),
    ],
)
def test_finish_reasons(vendor, groq, reason, ours):
    vendor.answer = streams([chunk("Hi"), chunk(None, reason)])
    assert collected(groq.stream(REQUEST))[1].finish_reason == ours


def test_refused_content_without_a_word_is_an_error(vendor, groq):
    vendor.answer = streams([chunk(""), chunk(None, "content_filter"), DONE])
    with pytest.raises(ProviderContentPolicy):
        next(groq.stream(REQUEST))


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning": "hm"},
        {"reasoning_content": "hm"},
        {"content": None, "reasoning": "hm", "channel": "analysis"},
        {"content": ["hm"]},
        {"refusal": "no"},
        "hm",
    ],
)
def test_thoughts_and_odd_deltas_are_no_answer(vendor, groq, delta):
    odd = event({"choices": [{"delta": delta, "finish_reason": None}]})
    vendor.answer = streams([odd, chunk("Hi", "stop"), DONE])
    assert collected(groq.stream(REQUEST))[0] == ["Hi"]


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        (["<think>hm</think>Hi"], "Hi"),
        (["\n<th", "ink>h", "m</thi", "nk>\n\n", " Hi"], "Hi"),
        (["<think>", "hm <think> hm", "</think>", "Hi", " <think>"], "Hi <think>"),
        (["<b>", "Hi"], "<b>Hi"),
        (["<thin"], "<thin"),
        (["<think>never said"], ""),
        (["a < b"], "a < b"),
    ],
)
def test_what_is_thought_aloud_is_taken_away(vendor, groq, pieces, answer):
    vendor.answer = streams([*map(chunk, pieces), chunk(None, "stop"), DONE])
    assert "".join(collected(groq.stream(REQUEST))[0]) == answer


@pytest.mark.parametrize(
    "reported_usage",
    [
        {"prompt_tokens": -1, "completion_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": -5},
        {"prompt_tokens": 10**12, "completion_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": 10**400},
        {"prompt_tokens": "5", "completion_tokens": 5},
        {"prompt_tokens": 5.5, "completion_tokens": 5},
        {"prompt_tokens": True, "completion_tokens": 5},
        {"prompt_tokens": 5},
        [5],
        None,
    ],
)
def test_usage_that_can_not_be_is_none(vendor, groq, reported_usage):
    vendor.answer = streams([chunk("Hi", "stop", usage=reported_usage), DONE])
    assert collected(groq.stream(REQUEST)) == (["Hi"], TextEnd("stop", None))


def test_text_that_can_not_be_stored_is_mended(vendor, groq):
    vendor.answer = streams([event('{"choices":[{"delta":{"content":"a\\ud800\\u0000b"},'
                                   '"finish_reason":"stop"}]}')])  # fmt: skip
    assert collected(groq.stream(REQUEST))[0] == ["a?b"]


def error(code=None, kind="invalid_request_error", **more):
    return {"error": {"message": "secret", "type": kind, "code": code, **more}}


INNER = json.dumps({"error": {"code": "content_filter", "message": "secret"}})


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, error("model_decommissioned"), ProviderModelGone),
        (404, error("model_not_found"), ProviderModelGone),
        (404, b"No matching target server found for model x", ProviderModelGone),
        (401, error("invalid_api_key"), ProviderAuth),
        (403, {}, ProviderAuth),
        (400, error("blocked_api_access"), ProviderQuota),
        (400, error("spend_limit_reached"), ProviderQuota),
        (402, {}, ProviderQuota),
        (429, error("insufficient_quota"), ProviderQuota),
        (400, error("content_filter"), ProviderContentPolicy),
        (400, error(400, "backend_error", details=INNER), ProviderContentPolicy),
        (400, error(400, "backend_error", details="<html>"), ProviderInvalidInput),
        (400, error("json_validate_failed"), ProviderUpstream),
        (400, error("context_length_exceeded"), ProviderInvalidInput),
        (413, error("rate_limit_exceeded", "tokens"), ProviderInvalidInput),
        (422, error(), ProviderInvalidInput),
        (429, error("rate_limit_exceeded"), ProviderRateLimited),
        (498, {}, ProviderRateLimited),
        (500, error(), ProviderUpstream),
        (502, b"<html>", ProviderUpstream),
        (503, {}, ProviderUpstream),
        (504, {}, ProviderTimeout),
        (302, {}, ProviderUpstream),
        (400, error(["odd"], {"odd": 1}), ProviderInvalidInput),
        (400, {"error": "text"}, ProviderInvalidInput),
    ],
)
def test_errors_by_their_codes(vendor, groq, status, body, expected):
    vendor.answer = says(status, body)
    with pytest.raises(ProviderError) as caught:
        next(groq.stream(REQUEST))
    assert type(caught.value) is expected
    assert "secret" not in str(caught.value)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(("text", "seconds"), [("7", 7.0), ("99999", 600.0), ("soon", None)])
def test_when_to_come_back(vendor, groq, text, seconds):
    vendor.answer = says(429, error("rate_limit_exceeded"), retry_after=text)
    with pytest.raises(ProviderRateLimited) as caught:
        next(groq.stream(REQUEST))
    assert caught.value.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"event: error\n" + event(error("server_error", "internal")), ProviderUpstream),
        (event(error("rate_limit_exceeded")), ProviderRateLimited),
        (event({"error": "text"}), ProviderUpstream),
        (event({"x_groq": {"error": "over_capacity"}, "choices": []}), ProviderUpstream),
        (event("{not json"), ProviderUpstream),
        (event([1]), ProviderUpstream),
        (event("[" * 100_000), ProviderUpstream),
        (event('{"a": ' + "9" * 5000 + "}"), ProviderUpstream),
    ],
)
def test_a_bad_frame_ends_the_stream_after_what_came(vendor, groq, frame, expected):
    vendor.answer = streams([chunk("Hi"), frame, chunk("more", "stop"), DONE])
    stream = groq.stream(REQUEST)
    assert next(stream) == TextDelta("Hi")
    with pytest.raises(expected):
        next(stream)
    with pytest.raises(StopIteration):
        next(stream)


@pytest.mark.parametrize("is_cut", [True, False])
@pytest.mark.parametrize("tail", [[], [DONE]])
def test_a_stream_without_an_end(vendor, groq, is_cut, tail):
    vendor.answer = streams([chunk("Hi"), *tail], is_cut=is_cut)
    stream = groq.stream(REQUEST)
    assert next(stream) == TextDelta("Hi")
    with pytest.raises(ProviderUpstream):
        next(stream)


def test_an_answer_that_is_no_stream(vendor, groq):
    vendor.answer = says(200, {"choices": [{"message": {"content": "Hi"}}]})
    with pytest.raises(ProviderUpstream):
        next(groq.stream(REQUEST))


@pytest.mark.parametrize("piece", [b"a" * 65_536, b"data: " + b"a" * 1000])
def test_an_endless_line_is_given_up(vendor, groq, piece):
    vendor.answer = streams(itertools.chain([chunk("Hi")], itertools.repeat(piece)))
    stream = groq.stream(REQUEST)
    next(stream)
    with pytest.raises(ProviderUpstream):
        list(stream)


@pytest.mark.parametrize("piece", [chunk("word " * 1000), b"\n" * 60_000, b": ping\n\n" * 5000])
def test_an_endless_stream_is_given_up(vendor, groq, piece):
    vendor.answer = streams(itertools.repeat(piece))
    with pytest.raises(ProviderUpstream):
        list(groq.stream(REQUEST))


def test_an_endless_error_is_given_up(vendor, groq):
    def answer(handler):
        handler.send_response(500)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"a" * 65_536)
        except OSError:
            handler.close_connection = True

    vendor.answer = answer
    with pytest.raises(ProviderTimeout):
        next(groq.stream(REQUEST))


def trickle(released, piece):
    def pieces():
        while not released.wait(0.02):
            yield piece

    return pieces()


@pytest.mark.parametrize("piece", [b": ping\n\n", chunk("word ")])
def test_a_stream_that_takes_too_long_is_given_up(vendor, piece):
    released = threading.Event()
    vendor.answer = streams(trickle(released, piece))
    groq = Groq(vendor.base_url, "gsk_1")
    groq.total_seconds = 0.2
    with pytest.raises(ProviderTimeout):
        list(groq.stream(REQUEST))
    released.set()
    http_client(vendor.base_url).close()
    http_client.cache_clear()


def test_a_vendor_that_falls_silent_is_given_up(vendor, groq, monkeypatch):
    monkeypatch.setattr(event_streams, "IDLE_SECONDS", 0.1)
    released = threading.Event()

    def pieces():
        yield chunk("Hi")
        released.wait(5)

    vendor.answer = streams(pieces())
    stream = groq.stream(REQUEST)
    assert next(stream) == TextDelta("Hi")
    with pytest.raises(ProviderTimeout):
        next(stream)
    released.set()


def test_closing_closes_the_call_at_once(vendor, groq):
    is_closed = threading.Event()

    def pieces():
        try:
            while True:
                yield chunk("word ")
        finally:
            is_closed.set()

    vendor.answer = streams(pieces())
    stream = groq.stream(REQUEST)
    next(stream)
    stream.close()
    assert is_closed.wait(5)


def test_a_vendor_that_is_not_there():
    base_url = "http://127.0.0.1:9"
    with pytest.raises(NotSent):
        next(Groq(base_url, "gsk_1").stream(REQUEST))
    http_client(base_url).close()
    http_client.cache_clear()


def test_without_a_key_nothing_is_sent(vendor):
    with pytest.raises(ProviderAuth):
        next(Groq(vendor.base_url, "").stream(REQUEST))
    assert vendor.requests == []
