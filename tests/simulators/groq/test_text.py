"""Groq's own SDK against the simulator: what it sends is taken, what it says it read."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.conftest import GROQ_KEY, Customer
from tests.simulators.text_customer import TextCustomer
from tests.support.http import eventually
from tests.support.lazy import Lazy

groq = Lazy("groq")

MODEL = "openai/gpt-oss-20b"
SAID: list[Any] = [{"role": "user", "content": "Describe the harbour in the rain"}]


@pytest.fixture
def model(customer: Customer) -> TextCustomer:
    customer.settings(text_delay_seconds=0)
    return TextCustomer(customer, "groq", MODEL)


@pytest.fixture
def client(model: TextCustomer) -> Iterator[Any]:
    with groq.Groq(api_key=GROQ_KEY, base_url=model.base_url, max_retries=0) as made:
        yield made


def chat(client: Any, **changes: Any) -> Any:
    usual: dict[str, Any] = {"model": MODEL, "messages": SAID}
    return client.chat.completions.create(**{**usual, **changes})


def test_a_whole_answer(client: Any) -> None:
    answer = chat(client)
    assert "harbour" in answer.choices[0].message.content or "rain" in str(answer)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens_details.reasoning_tokens == 24
    assert answer.choices[0].message.reasoning
    assert answer.x_groq.id.startswith("req_")
    assert answer.id.startswith("chatcmpl-")


def test_a_stream_says_the_same_and_ends_with_the_bill(client: Any) -> None:
    whole = chat(client)
    chunks = list(chat(client, stream=True))
    told = [chunk.choices[0].delta for chunk in chunks]
    assert "".join(delta.content or "" for delta in told) == whole.choices[0].message.content
    assert told[0].role == "assistant"
    assert "".join(delta.reasoning or "" for delta in told) == whole.choices[0].message.reasoning
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert chunks[-1].x_groq.usage == chunks[-1].usage == whole.usage
    assert chunks[0].x_groq.id
    assert {chunk.id for chunk in chunks} == {chunks[0].id}


def test_words_come_at_the_pace_that_was_set(model: TextCustomer, client: Any) -> None:
    model.customer.settings(text_delay_seconds=0.02)
    started = time.monotonic()
    count = len(list(chat(client, stream=True, max_completion_tokens=12, reasoning_effort="low")))
    assert count == 14
    assert time.monotonic() - started > 0.2


def test_limits_are_sent_in_headers(client: Any) -> None:
    headers = client.chat.completions.with_raw_response.create(messages=SAID, model=MODEL).headers
    assert int(headers["x-ratelimit-remaining-requests"]) < 1000
    assert headers["x-ratelimit-limit-tokens"] == "8000"
    assert headers["x-ratelimit-reset-requests"].endswith("s")
    assert "retry-after" not in headers


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("rate_limited", "RateLimitError", "rate_limit_exceeded"),
        ("auth", "AuthenticationError", "invalid_api_key"),
        ("quota", "BadRequestError", "blocked_api_access"),
        ("model_gone", "BadRequestError", "model_decommissioned"),
        ("invalid_input", "BadRequestError", None),
        ("server_error", "InternalServerError", None),
        ("gateway_timeout", "InternalServerError", None),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_errors_are_the_vendors_own(
    model: TextCustomer,
    client: Any,
    fault: str,
    error: str,
    code: str | None,
    stream: bool,
) -> None:
    model.fault(fault, retry_after=3)
    with pytest.raises(getattr(groq, error)) as caught:
        chat(client, stream=stream)
    assert caught.value.response.headers["retry-after"] == "3"
    assert dict(caught.value.body)["error"].get("code") == code  # type: ignore[call-overload]


def test_the_sdk_retries_a_rate_limit(model: TextCustomer) -> None:
    model.fault("rate_limited", retry_after=0)
    with groq.Groq(api_key=GROQ_KEY, base_url=model.base_url, max_retries=1) as client:
        assert chat(client).choices
    assert [entry["status"] for entry in model.requests()] == [429, 200]


def test_models_that_there_are_not(model: TextCustomer, client: Any) -> None:
    with pytest.raises(groq.NotFoundError, match="model_not_found"):
        chat(client, model="nobody/knows-it")
    with pytest.raises(groq.BadRequestError, match="model_decommissioned"):
        chat(client, model="llama-3.3-70b-versatile")
    listed = [known.id for known in client.models.list().data]
    assert MODEL in listed
    assert "llama-3.3-70b-versatile" not in listed
    model.customer.settings(gone_models=[])
    assert chat(client, model="llama-3.3-70b-versatile").choices[0].message.content
    assert client.models.retrieve(MODEL).id == MODEL


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": []},
        {"messages": [{"role": "robot", "content": "hello"}]},
        {"messages": [{"role": "user", "content": 5}]},
        {"max_completion_tokens": 0},
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "xml"}},
    ],
)
def test_bad_requests_are_refused(client: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(groq.BadRequestError) as caught:
        chat(client, **changes)
    assert "invalid_request_error" in str(caught.value)


def test_what_is_too_long_is_refused(client: Any) -> None:
    with pytest.raises(groq.BadRequestError, match="context_length_exceeded"):
        chat(client, messages=[{"role": "user", "content": "word " * 140_000}])
    with pytest.raises(groq.APIStatusError) as caught:
        chat(client, messages=[{"role": "user", "content": "a" * 2_100_000}])
    assert caught.value.status_code == 413


def test_a_wrong_key_is_refused(model: TextCustomer) -> None:
    stranger = groq.Groq(api_key="gsk_wrong", base_url=model.base_url)
    with stranger as client, pytest.raises(groq.AuthenticationError):
        chat(client)


def test_json_mode(client: Any) -> None:
    prompt = 'A harbour. Answer in JSON like {"title": "", "tags": ["a|b"], "mood": "calm|wild"}'
    answer = chat(
        client,
        messages=[{"role": "user", "content": prompt}],
        response_format={"type": "json_object"},
    )
    made = json.loads(answer.choices[0].message.content)
    assert made["mood"] in ("calm", "wild")
    assert made["title"]


def test_one_object_a_line(client: Any) -> None:
    prompt = 'Give 3 shots, one JSON object per line: {"shot_number": 1, "description": "..."}'
    answer = chat(client, messages=[{"role": "user", "content": prompt}])
    lines = answer.choices[0].message.content.splitlines()
    assert [json.loads(line)["shot_number"] for line in lines] == [1, 2, 3]


def test_refused_content_ends_without_a_word(model: TextCustomer, client: Any) -> None:
    model.fault("content_policy")
    chunks = list(chat(client, stream=True))
    assert chunks[-1].choices[0].finish_reason == "content_filter"
    assert not any(chunk.choices[0].delta.content for chunk in chunks)


def test_a_stream_that_fails_in_the_middle(model: TextCustomer, client: Any) -> None:
    model.fault("failed")
    chunks = []
    with pytest.raises(groq.APIError, match="Internal Server Error"):
        chunks.extend(chat(client, stream=True))
    assert len(chunks) > 3


def test_a_stream_that_breaks_in_the_middle(model: TextCustomer, client: Any) -> None:
    model.fault("drop_reply", match={"prompt_contains": "harbour"})
    chunks = []
    with pytest.raises(httpx.RemoteProtocolError):
        chunks.extend(chat(client, stream=True))
    assert len(chunks) > 3
    assert list(chat(client, stream=True))[-1].choices[0].finish_reason == "stop"


def test_a_lost_whole_answer_was_made_all_the_same(model: TextCustomer, client: Any) -> None:
    model.fault("drop_reply")
    with pytest.raises(groq.APIConnectionError):
        chat(client)
    assert [task["state"] for task in model.tasks()] == ["succeeded"]


def test_a_slow_first_word(model: TextCustomer, client: Any) -> None:
    model.fault("slow", delay_seconds=0.4)
    started = time.monotonic()
    assert list(chat(client, stream=True))
    assert time.monotonic() - started > 0.4


def test_a_customer_who_hangs_up_is_noticed(model: TextCustomer, client: Any) -> None:
    model.customer.settings(text_delay_seconds=0.05)
    stream = chat(client, stream=True)
    next(iter(stream))
    stream.close()
    task = model.task_ends("canceled")
    assert task["status"] == "closed"
    assert [entry["task_id"] for entry in model.requests()] == [task["task_id"]]


def test_hanging_up_during_a_hang_is_noticed_too(model: TextCustomer, client: Any) -> None:
    model.fault("hang")
    stream = chat(client, stream=True)
    next(iter(stream))
    assert model.tasks()[0]["state"] == "running"
    stream.close()
    assert model.task_ends("canceled")


def test_too_many_calls_at_once(model: TextCustomer, client: Any) -> None:
    model.customer.settings(text_delay_seconds=0.05, concurrency=1)
    stream = chat(client, stream=True)
    with pytest.raises(groq.RateLimitError):
        chat(client)
    stream.close()
    eventually(lambda: model.tasks()[0]["state"] == "canceled")
