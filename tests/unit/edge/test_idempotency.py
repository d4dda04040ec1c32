"""One key, one answer: also when two requests with it are at work at once."""

import json
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from showreel.core.errors import ProviderError
from showreel.edge import idempotency
from showreel.edge.api import Response, json_response
from tests.support.cloud import empty_cloud

Produce = Callable[[], Response]


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    idempotency._store.cache_clear()
    with empty_cloud():
        monkeypatch.setenv("IDEMPOTENCY_TABLE", "idempotency")
        yield
    idempotency._store.cache_clear()


def ask(produce: Produce, key: str = "k") -> Response:
    """A request whose key is locked for no time at all."""
    event = SimpleNamespace(
        headers={"idempotency-key": key}, http_method="POST", path="/v", decoded_body="{}"
    )
    app: Any = SimpleNamespace(current_event=event, lambda_context=None)
    answer = idempotency.answer_once(app, "ws_1", produce, lock_seconds=0)
    time.sleep(0.005)
    return answer


def says(text: str, meanwhile: Produce | None = None) -> Produce:
    def produce() -> Response:
        time.sleep(0.005)
        if meanwhile is not None:
            ask(meanwhile)
        return json_response(200, {"success": True, "text": text})

    return produce


def text_of(answer: Response) -> Any:
    assert isinstance(answer.body, str)
    return json.loads(answer.body)["text"]


def test_the_first_to_answer_answers_for_all_after_the_lock() -> None:
    overtaken = ask(says("slow", meanwhile=says("fast")))
    again = ask(says("late"))
    assert text_of(overtaken) == "fast"
    assert again.body == overtaken.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert text_of(ask(says("another"), key="other")) == "another"


def test_a_second_request_that_fails_takes_no_answer_away() -> None:
    def fails() -> Response:
        raise ProviderError("broken")

    def refused() -> Response:
        with pytest.raises(ProviderError):
            ask(fails)
        return json_response(200, {"text": "first"})

    def slow() -> Response:
        time.sleep(0.005)
        return refused()

    first = ask(slow)
    assert text_of(first) == "first"
    assert ask(says("late")).body == first.body


def test_an_answer_is_kept_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    key, now = ["ws_1", "POST", "/v", "k"], idempotency.now_seconds()
    assert idempotency._first(key, {"body": "old"}) == {"body": "old"}
    assert idempotency._first(key, {"body": "new"}) == {"body": "old"}
    monkeypatch.setattr(idempotency, "now_seconds", lambda: now + 86_402)
    assert idempotency._first(key, {"body": "new"}) == {"body": "new"}
