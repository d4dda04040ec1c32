"""Routes that stream: their checks answer as those of every route, then the body is streamed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.edge.api import Response
from showreel.edge.streaming.answers import streamed


class Opening:
    """The place where a route of `app` leaves a body for its handler to return. One request at a
    time, as Lambda sends them.
    """

    def __init__(self, app: APIGatewayRestResolver) -> None:
        self._app = app
        self._body: Iterator[bytes] | None = None

    def open(self, headers: Mapping[str, str], body: Iterator[bytes]) -> Response:
        """Returns the route's answer: status and headers; `body` is streamed after them."""
        self._body = body
        own = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        return Response(200, headers["Content-Type"], "", headers=dict(own))

    def handle(self, event: Mapping[str, Any], context: Any) -> Any:
        """Handles an invocation; returns the opened stream, or an ordinary answer such as an error,
        for the loop in `showreel.edge.streaming` to send.
        """
        answer = self._app.resolve(event, context)
        body, self._body = self._body, None
        return answer if body is None else replace(streamed(answer), body=body)
