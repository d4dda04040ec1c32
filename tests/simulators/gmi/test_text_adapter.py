"""The product's own adapter of GMI's language models against the simulator."""

import pytest

from showreel.core.errors import ProviderAuth
from showreel.providers.gmi.text import GmiText
from tests.simulators.conftest import GMI_KEY, Customer
from tests.simulators.text_adapter_checks import TextAdapterChecks
from tests.simulators.text_customer import TextCustomer, told


class TestGmiTextAdapter(TextAdapterChecks):
    @pytest.fixture
    def model(self, customer: Customer) -> TextCustomer:
        customer.settings(text_delay_seconds=0.001)
        return TextCustomer(customer, "gmi", "openai/gpt-5.5")

    @pytest.fixture
    def adapter(self, model: TextCustomer) -> GmiText:
        return GmiText(model.base_url, GMI_KEY)

    def test_thoughts_are_no_answer(self, model: TextCustomer, adapter: GmiText) -> None:
        text, end = told(adapter.stream(model.ask(upstream="deepseek-ai/DeepSeek-R1")))
        assert "We should answer" not in text
        assert end.usage is not None

    @pytest.mark.parametrize("key", ["", "of-somebody-else"])
    def test_a_wrong_key_or_none(self, model: TextCustomer, key: str) -> None:
        with pytest.raises(ProviderAuth):
            next(GmiText(model.base_url, key).stream(model.ask()))
