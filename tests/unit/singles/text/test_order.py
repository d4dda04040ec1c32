"""What is asked of a language model, from whatever a caller sends."""

from typing import Any

import pytest

from showreel.catalog import find_model, get_model
from showreel.core.errors import InvalidInput
from showreel.providers.text import Message
from showreel.singles.text.order import GEMINI, GROQ, fits, order_of

FLASH = get_model("google/gemini-2.5-flash")
OTHER = get_model("openai/gpt-5")


def order(**inputs: Any) -> Any:
    return order_of(FLASH, {"prompt": "A kitchen"} | inputs)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, "google/gemini-2.5-flash"),
        ("google/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gpt-5", "openai/gpt-5"),
        ("openai/gpt-oss-20b", "openai/gpt-oss-20b"),
    ],
)
def test_gemini_text_generation_sells_googles_and_openais(name: str | None, found: str) -> None:
    assert GEMINI.model(name).id == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, "openai/gpt-oss-120b"),
        ("llama-3.3-70b-versatile", "llama-3.3-70b-versatile"),
        ("groq/llama-3.3-70b-versatile", "llama-3.3-70b-versatile"),
        ("gpt-oss-20b", "openai/gpt-oss-20b"),
        ("groq/openai/gpt-oss-20b", "openai/gpt-oss-20b"),
    ],
)
def test_groq_chat_sells_what_groq_makes(name: str | None, found: str) -> None:
    assert GROQ.model(name).id == found


@pytest.mark.parametrize("name", ["gmi/deepseek-r1", "fal-ai/flux/schnell", "", "openai/", "groq/"])
@pytest.mark.parametrize("endpoint", [GEMINI, GROQ])
def test_other_models_are_unknown_there(endpoint: Any, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        endpoint.model(name)
    assert caught.value.code == "unknown_model"
    assert "llama" not in caught.value.message, "a retired model is not recommended"


def test_rules_come_first_and_the_prompt_last() -> None:
    assert order(systemPrompt="Be brief").messages == (
        Message("system", "Be brief"),
        Message("user", "A kitchen"),
    )
    assert order(systemPrompt="").messages == (Message("user", "A kitchen"),)


def test_a_developers_rules_are_a_systems() -> None:
    said = [{"role": "developer", "content": "Rules"}, {"role": "user", "content": "Hello"}]
    messages = order_of(FLASH, {"messages": said}).messages
    assert [message.role for message in messages] == ["system", "user"]


def test_limits_are_the_models_own() -> None:
    assert order().max_output_tokens == 4096
    assert order(maxTokens=100).max_output_tokens == 100
    assert order(maxTokens=99_999).max_output_tokens == 4096


@pytest.mark.parametrize(
    "messages",
    [
        "hello",
        [{"role": "user", "content": "x"}] * 201,
        ["hello"],
        [{"content": "x"}],
        [{"role": ["user"], "content": "x"}],
        [{"role": "user"}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
        [{"role": "user", "content": []}],
        [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}],
        [{"role": "system", "content": "x"}],
        [{"role": "user", "content": "x" * 20_000}] * 2,
    ],
)
def test_a_conversation_that_cant_be_answered_is_refused(messages: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        order_of(FLASH, {"messages": messages})
    assert caught.value.details["details"][0]["field"]


def test_orders_differ_in_whatever_changes_the_answer() -> None:
    orders = [
        order(),
        order(prompt="A garden"),
        order(systemPrompt="Be brief"),
        order(temperature=0.5),
        order(maxTokens=5),
        order(responseFormat="json"),
        order_of(OTHER, {"prompt": "A kitchen"}),
        order_of(OTHER, {"prompt": "A kitchen"}, strict=True),
    ]
    assert len({one.digest for one in orders}) == len(orders)
    assert order().digest == order(stream=True, unknown=1).digest


def test_a_replacement_must_take_the_whole_prompt() -> None:
    opus = find_model("gmi/claude-opus-4.7")
    assert opus is not None
    assert fits(opus, order())
    assert not fits(opus, order(prompt="x" * 9000))
    flux = get_model("fal-ai/flux/schnell")
    assert not fits(flux, order())
