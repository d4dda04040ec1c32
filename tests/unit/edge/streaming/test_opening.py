"""A route opens a stream; its handler returns it, or whatever the route answered instead."""

from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.edge.streaming import StreamedAnswer
from showreel.edge.streaming.opening import Opening

HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}


def body() -> Iterator[bytes]:
    yield b"data: 1\n\n"


@pytest.fixture
def opening() -> Opening:
    app = APIGatewayRestResolver()
    opening = Opening(app)
    app.get("/events")(lambda: opening.open(HEADERS, body()))
    return opening


def resolved(opening: Opening, path: str) -> Any:
    event: dict[str, Any] = {"httpMethod": "GET", "path": path, "headers": {}}
    return opening.handle(event | {"requestContext": {"stage": "prod"}}, None)


def test_an_opened_stream_is_returned_with_its_headers(opening: Opening) -> None:
    answer = resolved(opening, "/events")
    assert isinstance(answer, StreamedAnswer)
    assert answer.status == 200
    assert dict(answer.headers) == HEADERS
    assert list(answer.body) == [b"data: 1\n\n"]


def test_a_stream_is_returned_once_and_any_other_answer_as_it_is(opening: Opening) -> None:
    resolved(opening, "/events")
    assert resolved(opening, "/other")["statusCode"] == 404
