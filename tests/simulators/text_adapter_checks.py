"""What every adapter of a language model does with its simulator, whatever the vendor."""

import json
import time

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers import event_streams
from showreel.providers.text import TextDelta, TextProvider
from tests.simulators.text_customer import PROMPT, TextCustomer, first_words, told

REFUSALS: dict[str, type[ProviderError]] = {
    "rate_limited": ProviderRateLimited,
    "server_error": ProviderUpstream,
    "auth": ProviderAuth,
    "quota": ProviderQuota,
    "invalid_input": ProviderInvalidInput,
    "content_policy": ProviderContentPolicy,
    "model_gone": ProviderModelGone,
}
EXAMPLE = 'Answer as JSON: {"shots": [{"title": "", "size": "wide|close_up", "number": 1}]}'


class TextAdapterChecks:
    """Subclasses give the fixtures `model` (its simulator) and `adapter`."""

    refusals = REFUSALS

    def test_text_comes_piece_by_piece_and_ends_with_what_it_cost(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        model.customer.settings(text_delay_seconds=0)
        stream = adapter.stream(model.ask())
        assert model.requests() == []
        text, end = told(stream)
        assert "copper" in text or "kitchen" in text or "lamp" in text
        assert end.finish_reason == "stop"
        assert end.usage is not None
        assert end.usage.input_tokens > 5
        assert end.usage.output_tokens >= len(text.split())
        assert told(adapter.stream(model.ask()))[0] == text
        assert [task["caller"] for task in model.tasks()] == ["process-3"] * 2
        assert model.task_ends("succeeded")["prompt"].endswith(PROMPT)

    def test_words_are_passed_on_while_later_ones_are_still_to_come(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        model.customer.settings(text_delay_seconds=0.01)
        stream = first_words(adapter, model.ask())
        assert model.tasks()[0]["state"] == "running"
        told(stream)

    def test_a_json_answer_has_the_form_that_was_shown(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        request = model.ask(f"Write 4 shots of a hall. {EXAMPLE}", json_only=True)
        text, _ = told(adapter.stream(request))
        shots = json.loads(text)["shots"]
        assert [shot["number"] for shot in shots] == [1, 2, 3, 4]
        assert {shot["size"] for shot in shots} <= {"wide", "close_up"}
        assert all(shot["title"] for shot in shots)

    def test_json_may_be_asked_for_without_the_word(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        text, _ = told(adapter.stream(model.ask("A hall", json_only=True)))
        assert isinstance(json.loads(text), dict)

    def test_a_limit_cuts_the_text(self, model: TextCustomer, adapter: TextProvider) -> None:
        text, end = told(adapter.stream(model.ask(max_output_tokens=26)))
        assert end.finish_reason == "length"
        assert 0 < len(text.split()) <= 26

    @pytest.mark.parametrize("fault", REFUSALS)
    def test_each_refusal_has_its_class_and_the_next_call_works(
        self, model: TextCustomer, adapter: TextProvider, fault: str
    ) -> None:
        model.fault(fault, match={"prompt_contains": "kitchen"})
        told(adapter.stream(model.ask("The garden")))
        with pytest.raises(self.refusals[fault]):
            next(adapter.stream(model.ask()))
        told(adapter.stream(model.ask()))
        assert len(model.requests()) == 3

    def test_a_rate_limit_says_when_to_come_back(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        model.fault("rate_limited", retry_after=7)
        with pytest.raises(ProviderRateLimited) as caught:
            next(adapter.stream(model.ask()))
        assert caught.value.retry_after_seconds == 7

    def test_a_gateway_timeout_before_the_first_word(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        model.fault("gateway_timeout")
        with pytest.raises((ProviderTimeout, ProviderUpstream)):
            next(adapter.stream(model.ask()))

    def test_a_model_that_there_is_not(self, model: TextCustomer, adapter: TextProvider) -> None:
        with pytest.raises(ProviderModelGone):
            next(adapter.stream(model.ask(upstream="nobody-knows-it")))

    def test_a_model_that_was_switched_off(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        model.customer.settings(gone_models=[model.model])
        with pytest.raises(ProviderModelGone):
            next(adapter.stream(model.ask()))

    def test_closing_early_closes_the_call_there(
        self, model: TextCustomer, adapter: TextProvider
    ) -> None:
        model.customer.settings(text_delay_seconds=0.05)
        stream = first_words(adapter, model.ask())
        started = time.monotonic()
        stream.close()  # type: ignore[attr-defined]
        assert model.task_ends("canceled")["message"] == "closed by the customer"
        assert time.monotonic() - started < 3

    @pytest.mark.parametrize("fault", ["drop_reply", "failed"])
    def test_a_break_in_the_middle_is_raised_after_what_came(
        self, model: TextCustomer, adapter: TextProvider, fault: str
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
        self, model: TextCustomer, adapter: TextProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(event_streams, "IDLE_SECONDS", 0.3)
        model.customer.settings(text_delay_seconds=0)
        model.fault("hang")
        stream = adapter.stream(model.ask())
        with pytest.raises(ProviderTimeout):
            list(stream)
        assert model.task_ends("canceled")
