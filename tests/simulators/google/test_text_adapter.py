"""The product's own adapter of Gemini's text against the simulator."""

import pytest

from showreel.providers.google.text import GoogleText
from showreel.providers.text import Message
from tests.simulators.conftest import GOOGLE_KEY, Customer
from tests.simulators.text_customer import TextCustomer, collected

MODEL = "gemini-2.5-flash"


@pytest.fixture
def model(customer: Customer) -> TextCustomer:
    customer.settings(text_delay_seconds=0.001)
    return TextCustomer(customer, "google", MODEL)


@pytest.fixture
def adapter(model: TextCustomer) -> GoogleText:
    return GoogleText(model.base_url, GOOGLE_KEY)


def test_thoughts_are_no_answer_but_are_paid_for(model: TextCustomer, adapter: GoogleText) -> None:
    def asked(budget: int) -> tuple[str, int]:
        thinking = {"includeThoughts": True, "thinkingBudget": budget}
        request = model.ask(parameters={"thinkingConfig": thinking})
        text, end = collected(adapter.stream(request))
        assert end.usage is not None
        return text, end.usage.output_tokens

    assert asked(0)[0] == asked(100)[0]
    assert asked(0)[1] < asked(100)[1]


def test_a_conversation_with_the_models_own_turns(model: TextCustomer, adapter: GoogleText) -> None:
    turns = (Message("user", "hello"), Message("assistant", "hi"), Message("user", "a lamp"))
    assert collected(adapter.stream(model.ask(messages=turns)))[0]
    assert model.tasks()[0]["prompt"] == "hello\nhi\na lamp"
