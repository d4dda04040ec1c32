"""fal-stream as a client reads it: line by line, each with the moment at which it came."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.functions.videos.conftest import Buyer

FAL = "/functions/v1/fal-stream"
FLUX = "fal-ai/flux/schnell"
KLING = "fal-ai/kling-video/o3/standard/text-to-video"
KLING_FROM_PICTURE = "fal-ai/kling-video/o3/standard/image-to-video"


@dataclass(frozen=True)
class Event:
    """`seconds` since the request was sent."""

    seconds: float
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.data["type"])


def body(buyer: Buyer, model: str = FLUX, inputs: Any = None, **fields: Any) -> dict[str, Any]:
    """A whole request; a field that is None is left out."""
    request = {
        "modelId": model,
        "inputs": {"prompt": "A bright living room"} if inputs is None else inputs,
        "workspace_id": buyer.workspace_id,
    }
    return {name: value for name, value in (request | fields).items() if value is not None}


@contextmanager
def opened(buyer: Buyer, request: dict[str, Any], **headers: str) -> Iterator[Iterator[Event]]:
    """The events while they come."""
    started = time.monotonic()
    with buyer.http.stream("POST", FAL, json=request, headers=headers) as answer:
        if answer.status_code != 200:
            answer.read()
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer, started)


def _events(answer: httpx.Response, started: float) -> Iterator[Event]:
    """Nothing but data lines, comments and blank lines may come."""
    for text in answer.iter_lines():
        if text.startswith("data: "):
            yield Event(time.monotonic() - started, json.loads(text.removeprefix("data: ")))
        else:
            assert text == "" or text.startswith(":"), text


def followed(buyer: Buyer, request: dict[str, Any], **headers: str) -> list[Event]:
    """All events of a request."""
    with opened(buyer, request, **headers) as events:
        return list(events)


def streamed(buyer: Buyer, model: str = FLUX, inputs: Any = None, **fields: Any) -> list[Event]:
    return followed(buyer, body(buyer, model, inputs, **fields))


def result(events: list[Event]) -> dict[str, Any]:
    """The `done` event, which must be the last."""
    assert events[-1].kind == "done", events[-1].data
    return events[-1].data


def refused(buyer: Buyer, request: dict[str, Any]) -> tuple[int, Any]:
    """Status and body of an error before the stream."""
    answer = buyer.http.post(FAL, json=request)
    return answer.status_code, answer.json()
