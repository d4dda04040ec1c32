"""Google's own SDKs against the simulated text models, and what they don't show."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulators.conftest import GOOGLE_KEY, Customer
from tests.simulators.text_customer import TextCustomer
from tests.support.lazy import Lazy

genai = Lazy("google.genai")
errors, types = Lazy("google.genai.errors"), Lazy("google.genai.types")

MODEL = "gemini-2.5-flash"
PROMPT = "Describe the orchard at noon"


@pytest.fixture
def model(customer: Customer) -> TextCustomer:
    customer.settings(text_delay_seconds=0)
    return TextCustomer(customer, "google", MODEL)


@pytest.fixture
def client(model: TextCustomer) -> Iterator[Any]:
    options = types.HttpOptions(base_url=model.base_url)
    with genai.Client(api_key=GOOGLE_KEY, http_options=options) as made:
        yield made


def stream(client: Any, prompt: str = PROMPT, **config: Any) -> list[Any]:
    found = client.models.generate_content_stream(
        model=MODEL, contents=prompt, config=types.GenerateContentConfig(**config)
    )
    return list(found)


def test_models_are_listed_page_by_page(client: Any) -> None:
    listed = client.models.list(config={"page_size": 1})
    assert len(listed.page) == 1
    found = {one.name: one for one in listed}
    assert "generateContent" in found[f"models/{MODEL}"].supported_actions
    assert len(found) > 1


def test_a_whole_answer_and_a_streamed_one_are_the_same(client: Any) -> None:
    whole = client.models.generate_content(model=MODEL, contents=PROMPT)
    parts = stream(client)
    assert len(parts) > 3
    assert "".join(part.text for part in parts) == whole.text
    assert parts[-1].candidates[0].finish_reason is types.FinishReason.STOP
    assert parts[0].candidates[0].finish_reason is None
    assert parts[-1].usage_metadata == whole.usage_metadata
    used = whole.usage_metadata
    assert used is not None
    counts = (used.prompt_token_count, used.candidates_token_count, used.thoughts_token_count)
    assert used.total_token_count == sum(count or 0 for count in counts)
    assert whole.model_version == MODEL
    assert whole.response_id


def test_settings_are_understood(client: Any) -> None:
    prompt = 'An orchard with 2 trees: {"trees": [{"name": "", "kind": "apple|pear"}]}'
    parts = stream(
        client,
        prompt,
        response_mime_type="application/json",
        system_instruction="You are a gardener.",
        temperature=0.5,
        thinking_config=types.ThinkingConfig(thinking_budget=0),
    )
    trees = json.loads("".join(part.text for part in parts))["trees"]
    assert len(trees) == 2
    assert {tree["kind"] for tree in trees} <= {"apple", "pear"}
    assert parts[-1].usage_metadata.thoughts_token_count is None


def test_a_limit_cuts_the_text(client: Any) -> None:
    last = stream(client, max_output_tokens=12)[-1]
    assert last.candidates[0].finish_reason is types.FinishReason.MAX_TOKENS
    assert last.usage_metadata.candidates_token_count == 4


def test_thoughts_are_parts_of_their_own(client: Any) -> None:
    thinking = types.ThinkingConfig(include_thoughts=True)
    first = stream(client, thinking_config=thinking)[0]
    assert first.candidates[0].content.parts[0].thought is True


@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_refused_prompt_is_an_answer_without_a_candidate(
    model: TextCustomer, client: Any, is_streamed: bool
) -> None:
    model.fault("content_policy", match={"prompt_contains": "orchard"})
    if is_streamed:
        (answer,) = stream(client)
    else:
        answer = client.models.generate_content(model=MODEL, contents=PROMPT)
    assert answer.candidates is None
    assert answer.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT
    assert answer.usage_metadata.prompt_token_count > 0
    assert stream(client)[0].candidates


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ("rate_limited", 429, "RESOURCE_EXHAUSTED"),
        ("server_error", 500, "INTERNAL"),
        ("auth", 403, "PERMISSION_DENIED"),
        ("invalid_input", 400, "INVALID_ARGUMENT"),
        ("model_gone", 404, "NOT_FOUND"),
        ("gateway_timeout", 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_errors_are_the_vendors_own(
    model: TextCustomer, client: Any, fault: str, code: int, status: str
) -> None:
    model.fault(fault)
    with pytest.raises(errors.APIError) as caught:
        stream(client)
    assert (caught.value.code, caught.value.status) == (code, status)


def test_a_model_that_there_is_not(model: TextCustomer, client: Any) -> None:
    for name in ("gemini-1.0-pro", "gemini-2.0-flash", "llama"):
        with pytest.raises(errors.ClientError, match="404"):
            client.models.generate_content(model=name, contents=PROMPT)
    model.customer.settings(gone_models=[MODEL])
    with pytest.raises(errors.ClientError, match="404"):
        stream(client)


def test_a_stream_that_fails_in_the_middle(model: TextCustomer, client: Any) -> None:
    model.fault("failed")
    parts: list[Any] = []
    with pytest.raises(errors.APIError):
        parts.extend(
            client.models.generate_content_stream(model=MODEL, contents=PROMPT),
        )
    assert parts
    assert model.task_ends("failed")


def test_a_customer_who_hangs_up_is_noticed(model: TextCustomer, client: Any) -> None:
    model.customer.settings(text_delay_seconds=0.05)
    body = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
    url = f"/google/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    headers = {"x-goog-api-key": GOOGLE_KEY}
    with model.customer.client.stream("POST", url, json=body, headers=headers) as answer:
        next(answer.iter_raw())
    assert model.task_ends("canceled")["family"] == "text"


def test_without_events_the_stream_is_one_array(model: TextCustomer) -> None:
    body = {"contents": [{"parts": [{"text": PROMPT}]}]}
    url = f"/google/v1beta/models/{MODEL}:streamGenerateContent"
    answer = model.customer.client.post(url, json=body, headers={"x-goog-api-key": GOOGLE_KEY})
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()[-1]["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"contents": []},
        {"contents": [{"parts": []}]},
        {"contents": [{"role": "assistant", "parts": [{"text": "a"}]}]},
        {"contents": [{"parts": [{"text": "a"}]}], "generationConfig": {"maxOutputTokens": 0}},
        {"contents": [{"parts": [{"text": "a"}]}], "max_tokens": 5},
    ],
)
def test_bad_requests_are_refused(model: TextCustomer, body: dict[str, Any]) -> None:
    url = f"/google/v1beta/models/{MODEL}:generateContent"
    answer = model.customer.client.post(url, json=body, headers={"x-goog-api-key": GOOGLE_KEY})
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
