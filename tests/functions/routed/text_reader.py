"""Reads texts as their callers do: whole, or event by event."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.functions.videos.conftest import Buyer

GEMINI = "/functions/v1/gemini-text-generation"
GROQ = "/functions/v1/groq-chat"
PROMPT = "Describe the kitchen with its copper lamp"
FLASH, PRO, LLAMA = "google/gemini-2.5-flash", "google/gemini-2.5-pro", "llama-3.3-70b-versatile"
MODELS = {GEMINI: FLASH, GROQ: "openai/gpt-oss-120b"}
DONE = "[DONE]"


@dataclass
class Story:
    """A streamed text: its chunks in their order, and whether it said that it is done."""

    chunks: list[Any]
    is_done: bool
    headers: httpx.Headers

    @property
    def text(self) -> str:
        deltas = (chunk["choices"][0]["delta"] for chunk in self.chunks if "choices" in chunk)
        return "".join(delta.get("content", "") for delta in deltas)

    @property
    def last(self) -> Any:
        return self.chunks[-1]


def body(path: str, **fields: Any) -> dict[str, Any]:
    order = {"prompt": PROMPT, "model": MODELS[path]} | fields
    return {name: value for name, value in order.items() if value is not None}


def ask(buyer: Buyer, path: str, key: str | None = None, **fields: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else None
    return buyer.http.post(path, json=body(path, **fields), headers=headers)


def answered(buyer: Buyer, path: str, **fields: Any) -> Any:
    """The answer of an order that succeeds."""
    answer = ask(buyer, path, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(buyer: Buyer, path: str, **fields: Any) -> tuple[int, str]:
    answer = ask(buyer, path, **fields)
    assert not answer.is_success, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, answer.json()["code"]


@contextmanager
def opened(
    buyer: Buyer, path: str, key: str | None = None, **fields: Any
) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    """A stream and the data of its events, as they come."""
    headers = {"Idempotency-Key": key} if key else None
    order = body(path, stream=True, **fields)
    with buyer.http.stream("POST", path, json=order, headers=headers) as answer:
        lines = (line for line in answer.iter_lines() if line)
        yield answer, (line.removeprefix("data: ") for line in lines)


def story(buyer: Buyer, path: str, key: str | None = None, **fields: Any) -> Story:
    """A stream to its end."""
    with opened(buyer, path, key, **fields) as (answer, events):
        assert answer.status_code == 200, answer.read()
        found = list(events)
    is_done = found[-1] == DONE
    chunks = [json.loads(event) for event in (found[:-1] if is_done else found)]
    return Story(chunks, is_done, answer.headers)


def vendors(buyer: Buyer, **settings: Any) -> None:
    """Changes how the vendors behave, e.g. `text_delay_seconds` per word."""
    url = f"{buyer.stack.providers_url}/_sim/settings"
    httpx.post(url, json=settings).raise_for_status()
