import itertools
import json

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.providers.google.text import GoogleText
from showreel.providers.http import http_client
from showreel.providers.text import Message, TextDelta, TextEnd, TextRequest, TextUsage
from tests.unit.providers.streaming import REQUEST, collected, event, says, streams


@pytest.fixture
def google(vendor):
    yield GoogleText(vendor.base_url, "key-1")
    http_client(vendor.base_url).close()
    http_client.cache_clear()


def answer(*parts, finish=None, **more):
    listed = [part if isinstance(part, dict) else {"text": part} for part in parts]
    candidate = {"content": {"role": "model", "parts": listed}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return event({"candidates": [candidate], **more}, "\r\n\r\n")


def test_a_request_is_sent_as_the_vendor_documents_it(vendor, google):
    vendor.answer = streams([answer("Hi", finish="STOP")])
    said = (
        Message("system", "Be short."),
        Message("user", "A lamp"),
        Message("assistant", "Which?"),
        Message("user", "Copper"),
    )
    parameters = {
        "thinkingConfig": {"thinkingBudget": 0},
        "safetySettings": [{"category": "x"}],
        "maxOutputTokens": 9,
    }
    request = TextRequest("gemini-3-flash", said, 100, 0.5, json_only=True, parameters=parameters)
    collected(google.stream(request))
    method, path, headers, body = vendor.requests[0]
    assert method == "POST"
    assert path == "/_p/key/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse"
    assert headers["x-goog-api-key"] == "key-1"
    assert json.loads(body) == {
        "contents": [
            {"role": "user", "parts": [{"text": "A lamp"}]},
            {"role": "model", "parts": [{"text": "Which?"}]},
            {"role": "user", "parts": [{"text": "Copper"}]},
        ],
        "systemInstruction": {"parts": [{"text": "Be short."}]},
        "generationConfig": {
            "maxOutputTokens": 100,
            "temperature": 0.5,
            "responseMimeType": "application/json",
            "thinkingConfig": {"thinkingBudget": 0},
        },
        "safetySettings": [{"category": "x"}],
    }


def test_a_model_is_one_part_of_the_path(vendor, google):
    vendor.answer = streams([answer("Hi", finish="STOP")])
    collected(google.stream(TextRequest("../files?x=1#", REQUEST.messages, 5)))
    assert vendor.requests[0][1].startswith("/_p/key/v1beta/models/..%2Ffiles%3Fx%3D1%23:stream")


def test_pieces_without_thoughts_and_usage_with_them(vendor, google):
    used = {"promptTokenCount": 7, "candidatesTokenCount": 3, "thoughtsTokenCount": 20}
    vendor.answer = streams(
        [
            answer({"text": "hm", "thought": True}),
            answer("Hé", {"text": "llo"}, usageMetadata={"promptTokenCount": 7}),
            answer({"inlineData": {}}, {"text": 5}, "odd"),
            answer(finish="STOP", usageMetadata=used),
        ]
    )
    assert collected(google.stream(REQUEST)) == (
        ["Héllo", "odd"],
        TextEnd("stop", TextUsage(7, 23)),
    )


@pytest.mark.parametrize(
    ("reason", "ours"),
    [("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "content_filter"), ("NEW", "stop")],
)
def test_finish_reasons(vendor, google, reason, ours):
    vendor.answer = streams([answer("Hi"), answer(finish=reason)])
    assert collected(google.stream(REQUEST))[1].finish_reason == ours


@pytest.mark.parametrize(
    "frame",
    [
        event({"promptFeedback": {"blockReason": "SAFETY"}}),
        event({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {}}),
        answer(finish="PROHIBITED_CONTENT"),
    ],
)
def test_refused_content_without_a_word_is_an_error(vendor, google, frame):
    vendor.answer = streams([frame])
    with pytest.raises(ProviderContentPolicy):
        next(google.stream(REQUEST))


@pytest.mark.parametrize(
    "used",
    [
        {"promptTokenCount": -1},
        {"promptTokenCount": 1, "candidatesTokenCount": -4},
        {"promptTokenCount": 1, "thoughtsTokenCount": 10**15},
        {"promptTokenCount": "1"},
        {"candidatesTokenCount": 1},
        [],
        None,
    ],
)
def test_usage_that_can_not_be_is_none(vendor, google, used):
    vendor.answer = streams([answer("Hi", finish="STOP", usageMetadata=used)])
    assert collected(google.stream(REQUEST))[1].usage is None


@pytest.mark.parametrize(
    "odd",
    [
        {"candidates": []},
        {"candidates": [5]},
        {"candidates": {"a": 1}},
        {"candidates": [{"content": "text"}]},
        {"candidates": [{"content": {"parts": "text"}}]},
        {"candidates": [{"content": {"parts": [5, None, []]}}]},
        {},
    ],
)
def test_odd_answers_say_nothing(vendor, google, odd):
    vendor.answer = streams([event(odd), answer("Hi", finish="STOP")])
    assert collected(google.stream(REQUEST))[0] == ["Hi"]


def error(code, status, **more):
    return {"error": {"code": code, "status": status, "message": "secret", **more}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, error(400, "INVALID_ARGUMENT"), ProviderInvalidInput),
        (
            400,
            error(400, "INVALID_ARGUMENT", details=[{"reason": "API_KEY_INVALID"}]),
            ProviderAuth,
        ),
        (400, error(400, "FAILED_PRECONDITION"), ProviderQuota),
        (403, error(403, "PERMISSION_DENIED"), ProviderAuth),
        (404, error(404, "NOT_FOUND"), ProviderModelGone),
        (429, error(429, "RESOURCE_EXHAUSTED"), ProviderRateLimited),
        (500, error(500, "INTERNAL"), ProviderUpstream),
        (503, error(503, "UNAVAILABLE"), ProviderUpstream),
        (502, b"<html>", ProviderUpstream),
        (429, b"[]", ProviderRateLimited),
    ],
)
def test_errors_by_their_codes(vendor, google, status, body, expected):
    vendor.answer = says(status, body)
    with pytest.raises(ProviderError) as caught:
        next(google.stream(REQUEST))
    assert type(caught.value) is expected
    assert "secret" not in str(caught.value)


def test_a_rate_limits_delay_is_in_the_body(vendor, google):
    delay = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30s"}]
    vendor.answer = says(429, error(429, "RESOURCE_EXHAUSTED", details=delay))
    with pytest.raises(ProviderRateLimited) as caught:
        next(google.stream(REQUEST))
    assert caught.value.retry_after_seconds == 30


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (event(error(503, "UNAVAILABLE")), ProviderUpstream),
        (event(error(429, "RESOURCE_EXHAUSTED")), ProviderRateLimited),
        (event("{not json"), ProviderUpstream),
        (event([1]), ProviderUpstream),
        (answer(finish="MALFORMED_RESPONSE"), ProviderUpstream),
        (answer(finish="OTHER"), ProviderUpstream),
        (answer(finish=5), ProviderUpstream),
        (b"", ProviderUpstream),
    ],
)
def test_a_bad_end_is_raised_after_what_came(vendor, google, frame, expected):
    vendor.answer = streams([answer("Hi")] + ([frame] if frame else []))
    stream = google.stream(REQUEST)
    assert next(stream) == TextDelta("Hi")
    with pytest.raises(expected):
        next(stream)


def test_a_stream_that_breaks_off(vendor, google):
    vendor.answer = streams([answer("Hi"), answer(" there", finish="STOP")], is_cut=True)
    stream = google.stream(REQUEST)
    assert [next(stream), next(stream)] == [TextDelta("Hi"), TextDelta(" there")]
    with pytest.raises(ProviderUpstream):
        next(stream)


def test_an_endless_stream_is_given_up(vendor, google):
    vendor.answer = streams(itertools.repeat(answer("word " * 1000)))
    with pytest.raises(ProviderUpstream):
        list(google.stream(REQUEST))


def test_without_a_key_nothing_is_sent(vendor):
    with pytest.raises(ProviderAuth):
        next(GoogleText(vendor.base_url, "").stream(REQUEST))
    assert vendor.requests == []
