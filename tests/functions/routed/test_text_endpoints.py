"""Texts through the API of the running stack: what is answered, streamed and paid."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from local.stack import Stack
from tests.functions.routed.text_reader import (
    FLASH,
    GEMINI,
    GROQ,
    LLAMA,
    PRO,
    PROMPT,
    answered,
    ask,
    body,
    opened,
    refused,
    story,
    vendors,
)
from tests.functions.videos.conftest import Buyer, newcomer
from tests.support.lazy import Lazy

groq, chat = Lazy("groq"), Lazy("groq.types.chat")

pytestmark = pytest.mark.stack
BOTH = pytest.mark.parametrize("path", [GEMINI, GROQ])
DISCLOSED = {"job_id", "requested_model", "fallback_used", "fallback_reason"}
OSS = "openai/gpt-oss-120b"


@pytest.fixture
def buyer(stack: Stack) -> Iterator[Buyer]:
    for one in newcomer(stack):
        vendors(one, text_delay_seconds=0)
        yield one


def test_a_completion_is_answered_in_openais_form(buyer: Buyer) -> None:
    made = answered(buyer, GEMINI, model=OSS)
    head = {"success", "id", "object", "created", "model", "choices", "usage", "credits"}
    assert set(made) == head | DISCLOSED
    assert (made["success"], made["object"]) == (True, "chat.completion")
    (choice,) = made["choices"]
    assert choice["message"]["role"] == "assistant"
    assert "kitchen" in choice["message"]["content"]
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    usage = made["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert str(uuid.UUID(made["job_id"])) == made["job_id"]
    assert (made["model"], made["requested_model"], made["fallback_used"]) == (OSS, OSS, False)
    assert made["credits"] == 1 == buyer.spent()


def test_groq_chat_answers_text_and_usage(buyer: Buyer) -> None:
    made = answered(buyer, GROQ)
    assert set(made) == {
        "success", "text", "usage", "model", "finish_reason", "credits", *DISCLOSED
    }  # fmt: skip
    assert "kitchen" in made["text"]
    assert made["usage"]["completion_tokens"] > 0
    assert (made["model"], made["credits"]) == (OSS, 1)
    assert buyer.spent() == 1
    (sent,) = buyer.vendor_orders()
    assert sent["body"]["temperature"] == 0.7
    assert sent["body"]["max_completion_tokens"] == 1024
    assert sent["body"]["messages"] == [{"role": "user", "content": PROMPT}]


@pytest.mark.parametrize(
    ("model", "provider", "upstream"),
    [
        (FLASH, "google", "gemini-3.5-flash-lite"),
        ("gemini-2.5-flash", "google", "gemini-3.5-flash-lite"),
        (None, "google", "gemini-3.5-flash-lite"),
        (OSS, "groq", OSS),
        ("openai/gpt-oss-20b", "groq", "openai/gpt-oss-20b"),
        ("openai/gpt-5", "gmi", "openai/gpt-5"),
    ],
)
def test_each_model_is_asked_at_its_vendor(
    buyer: Buyer, model: str | None, provider: str, upstream: str
) -> None:
    made = answered(buyer, GEMINI, model=model)
    assert made["choices"][0]["message"]["content"]
    (task,) = buyer.vendor_tasks()
    (sent,) = buyer.vendor_orders()
    assert task["provider"] == provider
    assert upstream in (sent["body"].get("model"), sent["path"].rpartition("/")[2].split(":")[0])


def test_groq_chat_takes_its_models_however_clients_spell_them(
    buyer: Buyer, subtests: pytest.Subtests
) -> None:
    spelled = (LLAMA, f"groq/{LLAMA}", OSS, f"groq/{OSS}", "gpt-oss-20b", "groq/gpt-oss-120b")
    for model in (None, *spelled):
        with subtests.test(model=model):
            assert answered(buyer, GROQ, model=model)["text"]
    assert [task["provider"] for task in buyer.vendor_tasks()] == ["groq"] * 7


@BOTH
def test_pieces_arrive_while_the_vendor_is_still_generating(buyer: Buyer, path: str) -> None:
    vendors(buyer, text_delay_seconds=0.02)
    with opened(buyer, path) as (answer, events):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        first = json.loads(next(events))
        assert buyer.vendor_tasks()[0]["state"] == "running"
        rest = list(events)
    assert first["object"] == "chat.completion.chunk"
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert set(first) >= DISCLOSED
    assert rest[-1] == "[DONE]"
    chunks = [first, *map(json.loads, rest[:-1])]
    assert {chunk["id"] for chunk in chunks} == {first["id"]}
    words = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert "kitchen" in words
    assert len(chunks) > 10, "pieces, not one block"
    last = chunks[-1]
    assert last["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert last["usage"]["completion_tokens"] > 0
    assert last["credits"] == {GEMINI: 2, GROQ: 1}[path] == buyer.spent()


def test_a_stream_and_a_whole_answer_say_the_same(buyer: Buyer) -> None:
    whole = answered(buyer, GEMINI)
    streamed = story(buyer, GEMINI)
    assert streamed.is_done
    assert streamed.text == whole["choices"][0]["message"]["content"]
    assert streamed.last["usage"] == whole["usage"]
    assert buyer.spent() == 4


def test_openais_own_form_of_a_conversation_is_understood(buyer: Buyer) -> None:
    messages = [
        {"role": "system", "content": "You are a director."},
        {"role": "user", "content": [{"type": "text", "text": "A kitchen,"}]},
        {"role": "assistant", "content": "with a copper lamp?"},
        {"role": "user", "content": "Yes.\n\tAnd a dog."},
    ]
    order = {"messages": messages, "prompt": None, "max_tokens": 300}
    answered(buyer, GEMINI, model=OSS, systemPrompt="Be brief.", temperature=0, **order)
    (sent,) = buyer.vendor_orders()
    assert sent["body"]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "system", "content": "You are a director."},
        {"role": "user", "content": "A kitchen,"},
        {"role": "assistant", "content": "with a copper lamp?"},
        {"role": "user", "content": "Yes.\n\tAnd a dog."},
    ]
    assert sent["body"]["temperature"] == 0
    assert sent["body"]["max_completion_tokens"] == 300


def test_a_limit_cuts_the_text_and_is_reported(buyer: Buyer) -> None:
    made = answered(buyer, GROQ, maxTokens=26)
    assert made["finish_reason"] == "length"
    assert 0 < len(made["text"].split()) <= 26
    assert answered(buyer, GROQ, maxTokens=999_999)["finish_reason"] == "stop"
    assert buyer.vendor_orders()[-1]["body"]["max_completion_tokens"] == 8192


def test_the_stream_is_one_that_an_openai_client_reads(buyer: Buyer) -> None:
    """Groq's own package, whose reader of chunks is OpenAI's."""
    with opened(buyer, GROQ) as (answer, _):
        stream = groq.Stream(
            cast_to=chat.ChatCompletionChunk,
            response=answer,
            client=groq.Groq(api_key="x"),
        )
        chunks = list(stream)
    assert "kitchen" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"


JSON_PROMPT = 'Three shots of a hall, as JSON: {"shots": [{"title": "", "number": 1}]}'


@pytest.mark.parametrize("form", ["json", {"type": "json_object"}])
@BOTH
def test_json_is_one_object(buyer: Buyer, path: str, form: Any) -> None:
    made = answered(buyer, path, prompt=JSON_PROMPT, responseFormat=form)
    text = made["text"] if path == GROQ else made["choices"][0]["message"]["content"]
    assert len(json.loads(text)["shots"]) == 3


def test_an_answer_that_is_no_json_is_refused_and_costs_nothing(buyer: Buyer) -> None:
    order: dict[str, Any] = {"prompt": JSON_PROMPT, "responseFormat": "json", "maxTokens": 16}
    assert refused(buyer, GROQ, **order) == (502, "bad_delivery")
    assert buyer.spent() == 0
    assert len(buyer.vendor_orders()) == 1, "not asked, and paid by us, twice"


def test_a_retired_models_successor_answers_and_is_disclosed(buyer: Buyer) -> None:
    made = answered(buyer, GROQ, model=LLAMA)
    assert (made["model"], made["requested_model"], made["fallback_used"]) == (OSS, LLAMA, True)
    assert made["fallback_reason"] == f"retired:{LLAMA}->successor:{OSS}"
    assert made["credits"] == 1 == buyer.spent()
    first = story(buyer, GROQ, model=LLAMA).chunks[0]
    assert (first["model"], first["fallback_used"]) == (OSS, True)
    assert refused(buyer, GROQ, model=LLAMA, strict=True) == (400, "model_retired")


def test_a_model_that_is_gone_now_has_its_replacement(buyer: Buyer) -> None:
    vendors(buyer, gone_models=[OSS])
    streamed = story(buyer, GROQ)
    assert streamed.is_done
    assert streamed.last["model"] == "google/gemini-3.5-flash-lite"
    reason = f"model_gone:{OSS}->replacement:google/gemini-3.5-flash-lite"
    assert (streamed.last["fallback_used"], streamed.last["fallback_reason"]) == (True, reason)
    assert [task["provider"] for task in buyer.vendor_tasks()] == ["google"]
    assert buyer.spent() == 1, "never more than what was asked for costs"
    assert refused(buyer, GROQ, strict=True) == (502, "model_gone")
    assert buyer.spent() == 1


def test_the_order_of_the_checks(buyer: Buyer) -> None:
    foreign = {"workspaceId": str(uuid.uuid4())}
    bad = body(GROQ, temperature=9) | foreign
    assert buyer.http.post(GROQ, json=bad, headers={"Authorization": "x"}).status_code == 401
    assert refused(buyer, GROQ, temperature=9, **foreign) == (400, "invalid_input")
    assert refused(buyer, GROQ, **foreign) == (404, "not_found")
    assert answered(buyer, GROQ, workspace_id=buyer.workspace_id)["credits"] == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"model": "gpt-9"}, "unknown_model"),
    ({"model": "fal-ai/flux/schnell"}, "unknown_model"),
    ({"model": "google/gemini-2.5-pro"}, "unknown_model"),
    ({"model": ""}, "invalid_input"),
    ({"prompt": None}, "invalid_input"),
    ({"prompt": " \n"}, "invalid_input"),
    ({"prompt": "x" * 32_001}, "invalid_input"),
    ({"prompt": "nul\0"}, "invalid_input"),
    ({"prompt": "turned \u202eround"}, "invalid_input"),
    ({"prompt": ["x"]}, "invalid_input"),
    ({"systemPrompt": "x" * 16_001}, "invalid_input"),
    ({"temperature": -0.1}, "invalid_input"),
    ({"temperature": 2.1}, "invalid_input"),
    ({"temperature": "1"}, "invalid_input"),
    ({"maxTokens": 0}, "invalid_input"),
    ({"maxTokens": 1.5}, "invalid_input"),
    ({"maxTokens": 10**9}, "invalid_input"),
    ({"responseFormat": "xml"}, "invalid_input"),
    ({"stream": "yes"}, "invalid_input"),
    ({"messages": [{"role": "user", "content": "x"}]}, "invalid_input"),
    ({"prompt": None, "messages": []}, "invalid_input"),
    ({"prompt": None, "messages": [{"role": "tool", "content": "x"}]}, "invalid_input"),
    ({"prompt": None, "messages": [{"role": {}, "content": "x"}]}, "invalid_input"),
    ({"prompt": None, "messages": [{"role": "user", "content": {}}]}, "invalid_input"),
    ({"prompt": None, "messages": [{"role": "assistant", "content": "x"}]}, "invalid_input"),
    ({"requestId": "\u00e9"}, "bad_key"),
]


def test_what_cant_be_asked_is_refused_before_anything_is_done(
    buyer: Buyer, subtests: pytest.Subtests
) -> None:
    for fields, code in WRONG:
        with subtests.test(fields=str(fields)[:80]):
            assert refused(buyer, GROQ, **fields) == (400, code)
            assert refused(buyer, GROQ, **({"stream": True} | fields)) == (400, code)
            assert buyer.vendor_orders() == []
    assert buyer.jobs() == []


def test_numbers_that_are_none_are_refused(buyer: Buyer) -> None:
    for number in ("NaN", "Infinity", "1e309"):
        text = f'{{"prompt": "x", "model": "{OSS}", "temperature": {number}}}'
        answer = buyer.http.post(GROQ, content=text, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json"), number


def test_an_unknown_model_is_answered_with_the_known_ones(buyer: Buyer) -> None:
    message = ask(buyer, GEMINI, model="gmi/deepseek-r1").json()["message"]
    assert "google/gemini-2.5-flash" in message
    assert "openai/gpt-oss-120b" in message
    assert "gmi/openai-gpt-5.5" in message
    assert "gmi/deepseek-r1" not in message.partition(":")[2]


def test_the_job_is_in_the_workspaces_list(buyer: Buyer) -> None:
    made = answered(buyer, GEMINI, model=PRO)
    (job,) = buyer.jobs()
    assert (job["id"], job["kind"], job["status"]) == (made["job_id"], "text", "completed")
    assert (job["model"], job["requestedModel"]) == ("google/gemini-3.1-pro-preview", PRO)
    assert job["credits"] == 6 == buyer.spent()
    assert "kitchen" in buyer.row(job["id"])["delivery"]["result"]["S"]
