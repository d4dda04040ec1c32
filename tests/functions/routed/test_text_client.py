"""The installable client asks for texts: through both endpoints, whole and streamed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.stack import Stack
from showreel_client import GenerationError, InsufficientCreditsError, UnifiedGenerationService
from tests.functions.routed.text_reader import PRO, vendors
from tests.functions.videos.conftest import Buyer, newcomer
from tests.support.http import eventually

pytestmark = pytest.mark.stack
PROMPT = "Describe the kitchen with its copper lamp"


@pytest.fixture
def buyer(stack: Stack) -> Iterator[Buyer]:
    for one in newcomer(stack, 3):
        vendors(one, text_delay_seconds=0)
        yield one


@pytest.fixture
def service(buyer: Buyer) -> Iterator[UnifiedGenerationService]:
    token = buyer.http.headers["authorization"].removeprefix("Bearer ")
    with httpx.Client(trust_env=False, timeout=60) as http:
        yield UnifiedGenerationService(buyer.stack.base_url, token, http=http)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "made_by", "credits_used"),
    [
        ("google/gemini-2.5-flash", "google/gemini-3.5-flash-lite", 2),
        ("llama-3.3-70b-versatile", "openai/gpt-oss-120b", 1),
        ("groq/openai/gpt-oss-20b", "openai/gpt-oss-20b", 1),
    ],
)
def test_a_text_and_what_it_cost(
    buyer: Buyer,
    service: UnifiedGenerationService,
    model: str,
    made_by: str,
    credits_used: int,
    stream: bool,
) -> None:
    options: dict[str, Any] = {"model": model, "parameters": {"stream": stream, "max_tokens": 300}}
    result = service.generate_text(PROMPT, options)
    assert isinstance(result.metadata.raw, dict)
    assert "kitchen" in result.metadata.raw["text"]
    assert result.metadata.raw["usage"]["completion_tokens"] > 0
    assert result.metadata.resolved_model == made_by
    assert result.metadata.credits == credits_used == buyer.spent()


def test_too_few_credits_are_raised_as_such(service: UnifiedGenerationService) -> None:
    with pytest.raises(InsufficientCreditsError) as caught:
        service.generate_text(PROMPT, {"model": PRO})
    assert (caught.value.required, caught.value.available) == (6, 3)


@pytest.mark.parametrize("stream", [False, True])
def test_a_refused_prompt_is_raised_and_not_sent_again(
    buyer: Buyer, service: UnifiedGenerationService, stream: bool
) -> None:
    buyer.spoil("submit", "content_policy", "groq")
    options: dict[str, Any] = {
        "model": "groq/openai/gpt-oss-20b",
        "parameters": {"stream": stream},
    }
    with pytest.raises(GenerationError) as caught:
        service.generate_text(PROMPT, options)
    assert (caught.value.code, caught.value.server_code) == ("groq_error", "content_policy")
    assert len(buyer.vendor_orders()) == 1
    assert buyer.spent() == 0


def test_who_stops_reading_stops_the_vendor(
    buyer: Buyer, service: UnifiedGenerationService
) -> None:
    vendors(buyer, text_delay_seconds=0.08)
    pieces = service.stream_text(PROMPT, {"model": "llama-3.3-70b-versatile"})
    assert next(pieces)
    pieces.close()  # type: ignore[attr-defined]

    def stopped() -> Any:
        return [task for task in buyer.vendor_tasks() if task["state"] == "canceled"]

    assert len(eventually(stopped)) == 1 == buyer.spent()
