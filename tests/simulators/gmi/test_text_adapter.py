"""The product's own adapter of GMI's language models against the simulator."""

import pytest

from showreel.providers.gmi.text import GmiText
from tests.simulators.conftest import GMI_KEY, Customer
from tests.simulators.text_customer import TextCustomer, collected


@pytest.fixture
def model(customer: Customer) -> TextCustomer:
    customer.settings(text_delay_seconds=0.001)
    return TextCustomer(customer, "gmi", "openai/gpt-5.5")


@pytest.fixture
def adapter(model: TextCustomer) -> GmiText:
    return GmiText(model.base_url, GMI_KEY)


def test_thoughts_are_no_answer(model: TextCustomer, adapter: GmiText) -> None:
    text, end = collected(adapter.stream(model.ask(upstream="deepseek-ai/DeepSeek-R1")))
    assert "We should answer" not in text
    assert end.usage is not None
