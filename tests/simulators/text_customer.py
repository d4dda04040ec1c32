"""A customer of simulated language models: what the adapters' tests of three vendors share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from showreel.providers.text import Message, TextDelta, TextEnd, TextProvider, TextRequest
from tests.simulators.conftest import Customer
from tests.support.http import eventually

PROMPT = "Describe the kitchen with its copper lamp"


@dataclass
class TextCustomer:
    """Steers one vendor and sees what it saw."""

    customer: Customer
    provider: str
    model: str

    @property
    def base_url(self) -> str:
        return f"{self.customer.config.base_url}/_p/process-3/{self.provider}"

    def fault(self, fault: str, **more: Any) -> None:
        order = {"provider": self.provider, "operation": "submit", "fault": fault, **more}
        answer = self.customer.client.post("/_sim/faults", json=order)
        assert answer.status_code == 201, answer.text

    def tasks(self) -> list[dict[str, Any]]:
        query = {"provider": self.provider}
        found = self.customer.client.get("/_sim/tasks", params=query).json()["tasks"]
        return list(found)

    def task_ends(self, state: str) -> dict[str, Any]:
        def look() -> Any:
            return next((task for task in self.tasks() if task["state"] == state), None)

        return dict(eventually(look))

    def requests(self) -> list[dict[str, Any]]:
        query = {"provider": self.provider}
        found = self.customer.client.get("/_sim/requests", params=query).json()["requests"]
        return list(found)

    def ask(self, prompt: str = PROMPT, **changes: Any) -> TextRequest:
        usual: dict[str, Any] = {
            "upstream": self.model,
            "messages": (Message("system", "You are a director."), Message("user", prompt)),
            "max_output_tokens": 400,
        }
        return TextRequest(**{**usual, **changes})


def collected(pieces: Iterator[TextDelta | TextEnd]) -> tuple[str, TextEnd]:
    """The whole text and its end."""
    *deltas, end = list(pieces)
    assert isinstance(end, TextEnd)
    assert all(isinstance(delta, TextDelta) and delta.text for delta in deltas)
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta)), end


def first_words(provider: TextProvider, request: TextRequest) -> Iterator[TextDelta | TextEnd]:
    """A stream of which the first piece has been read."""
    stream = provider.stream(request)
    assert isinstance(next(stream), TextDelta)
    return stream
