"""Which models the endpoints of texts sell, under which names."""

from typing import Any

import pytest

from showreel.core.errors import InvalidInput
from showreel.singles.text.names import GEMINI, GROQ


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
