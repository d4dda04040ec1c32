"""What every adapter of a language model does with a stream, whatever the vendor."""

import json
import time

import pytest

from showreel.core.errors import (
    ProviderModelGone,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers import event_streams
from showreel.providers.gmi.text import GmiText
from showreel.providers.google.text import GoogleText
from showreel.providers.groq.text import Groq
from showreel.providers.text import Message, TextDelta, TextProvider
from tests.simulators.conftest import GMI_KEY, GOOGLE_KEY, GROQ_KEY, Customer
from tests.simulators.text_customer import PROMPT, TextCustomer, collected, first_words

EXAMPLE = 'Answer as JSON: {"shots": [{"title": "", "size": "wide|close_up", "number": 1}]}'


ADAPTERS = {
    "groq": (Groq, GROQ_KEY, "openai/gpt-oss-120b"),
    "gmi": (GmiText, GMI_KEY, "openai/gpt-5.5"),
    "google": (GoogleText, GOOGLE_KEY, "gemini-2.5-flash"),
}
"""By the vendor's name in the simulators."""


@pytest.fixture(params=ADAPTERS)
def model(request: pytest.FixtureRequest, customer: Customer) -> TextCustomer:
    customer.settings(text_delay_seconds=0.001)
    return TextCustomer(customer, request.param, ADAPTERS[request.param][2])


@pytest.fixture
def adapter(model: TextCustomer) -> TextProvider:
    make, key, _ = ADAPTERS[model.provider]
    return make(model.base_url, key)


def test_text_comes_piece_by_piece_and_ends_with_what_it_cost(
    model: TextCustomer, adapter: TextProvider
) -> None:
    model.customer.settings(text_delay_seconds=0)
    stream = adapter.stream(model.ask())
    assert model.requests() == []
    text, end = collected(stream)
    assert "copper" in text or "kitchen" in text or "lamp" in text
    assert end.finish_reason == "stop"
    assert end.usage is not None
    assert end.usage.input_tokens > 5
    assert end.usage.output_tokens >= len(text.split())
    assert collected(adapter.stream(model.ask()))[0] == text
    assert [task["caller"] for task in model.tasks()] == ["process-3"] * 2
    assert model.task_ends("succeeded")["prompt"].endswith(PROMPT)


def test_words_are_passed_on_while_later_ones_are_still_to_come(
    model: TextCustomer, adapter: TextProvider
) -> None:
    model.customer.settings(text_delay_seconds=0.01)
    stream = first_words(adapter, model.ask())
    assert model.tasks()[0]["state"] == "running"
    collected(stream)


def test_a_json_answer_has_the_form_that_was_shown(
    model: TextCustomer, adapter: TextProvider
) -> None:
    request = model.ask(f"Write 4 shots of a hall. {EXAMPLE}", json_only=True)
    text, _ = collected(adapter.stream(request))
    shots = json.loads(text)["shots"]
    assert [shot["number"] for shot in shots] == [1, 2, 3, 4]
    assert {shot["size"] for shot in shots} <= {"wide", "close_up"}
    assert all(shot["title"] for shot in shots)


def test_json_may_be_asked_for_without_the_word(model: TextCustomer, adapter: TextProvider) -> None:
    text, _ = collected(adapter.stream(model.ask("A hall", json_only=True)))
    assert isinstance(json.loads(text), dict)


def test_a_limit_cuts_the_text(model: TextCustomer, adapter: TextProvider) -> None:
    text, end = collected(adapter.stream(model.ask(max_output_tokens=26)))
    assert end.finish_reason == "length"
    assert 0 < len(text.split()) <= 26


def test_a_model_that_there_is_not(model: TextCustomer, adapter: TextProvider) -> None:
    with pytest.raises(ProviderModelGone):
        next(adapter.stream(model.ask(upstream="nobody-knows-it")))


def test_a_model_that_was_switched_off(model: TextCustomer, adapter: TextProvider) -> None:
    model.customer.settings(gone_models=[model.model])
    with pytest.raises(ProviderModelGone):
        next(adapter.stream(model.ask()))


def test_closing_early_closes_the_call_there(model: TextCustomer, adapter: TextProvider) -> None:
    model.customer.settings(text_delay_seconds=0.05)
    stream = first_words(adapter, model.ask())
    started = time.monotonic()
    stream.close()  # type: ignore[attr-defined]
    assert model.task_ends("canceled")["message"] == "closed by the customer"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("fault", ["drop_reply", "failed"])
def test_a_break_in_the_middle_is_raised_after_what_came(
    model: TextCustomer, adapter: TextProvider, fault: str
) -> None:
    model.customer.settings(text_delay_seconds=0)
    model.fault(fault, match={"prompt_contains": "kitchen"})
    came: list[object] = []
    with pytest.raises(ProviderUpstream):
        came.extend(adapter.stream(model.ask()))
    assert came
    assert all(isinstance(piece, TextDelta) for piece in came)
    assert model.task_ends("failed")


def test_silence_in_the_middle_is_given_up(
    model: TextCustomer, adapter: TextProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "IDLE_SECONDS", 0.3)
    model.customer.settings(text_delay_seconds=0)
    model.fault("hang")
    stream = adapter.stream(model.ask())
    with pytest.raises(ProviderTimeout):
        list(stream)
    assert model.task_ends("canceled")


DOCUMENT = json.dumps({"scene": {"description": "A lighthouse keeper polishes brass at dawn"}})
RULES = Message("system", EXAMPLE)


def test_a_form_in_the_rules_is_filled_with_the_words_of_the_document(
    model: TextCustomer, adapter: TextProvider
) -> None:
    model.customer.settings(text_delay_seconds=0)
    asked = (RULES, Message("user", f"Write 3 shots for this document.\n\n{DOCUMENT}"))
    text, _ = collected(adapter.stream(model.ask(messages=asked)))
    shots = json.loads(text)["shots"]
    assert [shot["number"] for shot in shots] == [1, 2, 3]
    words = set(" ".join(shot["title"] for shot in shots).lower().split())
    assert words & set(DOCUMENT.lower().replace('"', "").split())
    assert "description" not in words


@pytest.mark.parametrize(
    ("fault", "end", "is_json"),
    [
        ("truncated", "length", False),
        ("prose", "stop", False),
        ("refusal", "stop", False),
        ("too_many", "stop", True),
        ("endless", "stop", False),
    ],
)
def test_odd_answers_are_not_what_was_asked_for(
    model: TextCustomer, adapter: TextProvider, fault: str, end: str, is_json: bool
) -> None:
    model.customer.settings(text_delay_seconds=0)
    model.fault(fault)
    asked = (RULES, Message("user", f"Write 3 shots for this document.\n\n{DOCUMENT}"))
    text, ending = collected(adapter.stream(model.ask(messages=asked)))
    assert ending.finish_reason == end
    if is_json:
        assert len(json.loads(text)["shots"]) == 40
    else:
        with pytest.raises(ValueError, match=r"."):
            json.loads(text)
    assert len(text.split()) > 3000 or fault != "endless"


def test_an_empty_answer_has_no_words(model: TextCustomer, adapter: TextProvider) -> None:
    model.fault("empty")
    assert collected(adapter.stream(model.ask()))[0] == ""


def test_each_word_is_recorded_with_its_time(model: TextCustomer, adapter: TextProvider) -> None:
    text, _ = collected(adapter.stream(model.ask()))
    query = {"provider": model.provider, "streamed": "1"}
    (task,) = model.customer.client.get("/_sim/tasks", params=query).json()["tasks"]
    times, words = zip(*task["streamed"], strict=True)
    assert list(times) == sorted(times)
    assert "".join(words) == text
