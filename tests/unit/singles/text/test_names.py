"""Which models the endpoints of texts sell, under which names."""

from typing import Any

import pytest

from showreel.catalog import list_ids
from showreel.core.errors import InvalidInput
from showreel.singles.text.names import GEMINI, GROQ
from showreel_client.routes import route_of


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, "google/gemini-2.5-flash"),
        ("google/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gpt-5", "openai/gpt-5"),
        ("openai/gpt-oss-20b", "openai/gpt-oss-20b"),
        ("openai/gpt-5.4", "gmi/openai-gpt-5-4"),
        ("gpt-5.5", "gmi/openai-gpt-5.5"),
        ("openai/gpt-4o", "gmi/openai-gpt-4o"),
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


def test_every_text_model_of_the_catalogue_is_made_by_the_route_of_its_name() -> None:
    endpoints = {"groq-chat": GROQ, "gemini-text-generation": GEMINI}
    for model_id in list_ids("text"):
        function = route_of(
            model_id, {}, "gmi-cloud" if model_id.startswith("gmi/") else None
        ).function
        if function in endpoints:
            assert endpoints[function].model(model_id).id == model_id
        else:
            assert function == "gmi-execute"
