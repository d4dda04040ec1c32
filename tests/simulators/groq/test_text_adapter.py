"""The product's own Groq adapter against the simulator."""

import pytest

from showreel.core.errors import ProviderModelGone
from showreel.providers.groq.text import Groq
from tests.simulators.conftest import GROQ_KEY, Customer
from tests.simulators.text_customer import TextCustomer, collected


@pytest.fixture
def model(customer: Customer) -> TextCustomer:
    customer.settings(text_delay_seconds=0.001)
    return TextCustomer(customer, "groq", "openai/gpt-oss-120b")


@pytest.fixture
def adapter(model: TextCustomer) -> Groq:
    return Groq(model.base_url, GROQ_KEY)


def test_thoughts_are_no_answer_but_are_paid_for(model: TextCustomer, adapter: Groq) -> None:
    costs = {}
    for effort in ("low", "high"):
        request = model.ask(parameters={"reasoning_effort": effort})
        text, end = collected(adapter.stream(request))
        assert "We should answer" not in text
        assert end.usage is not None
        costs[effort] = end.usage.output_tokens
    assert costs["high"] > costs["low"] + 50


def test_thoughts_may_leave_no_room(model: TextCustomer, adapter: Groq) -> None:
    request = model.ask(max_output_tokens=5, parameters={"reasoning_effort": "high"})
    text, end = collected(adapter.stream(request))
    assert (text, end.finish_reason) == ("", "length")


def test_the_documented_model_is_gone(model: TextCustomer, adapter: Groq) -> None:
    with pytest.raises(ProviderModelGone):
        next(adapter.stream(model.ask(upstream="llama-3.3-70b-versatile")))
