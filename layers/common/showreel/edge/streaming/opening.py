"""From a route to a stream: the route's checks answer as everywhere, then the body is streamed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.edge.api import Response
from showreel.edge.streaming.answers import streamed


class Opening:
    """Keeps the body that a route of `app` opened until its handler returns it. One request at a
    time, as Lambda gives them.
    """

    def __init__(self, app: APIGatewayRestResolver) -> None:
        self._app = app
        self._body: Iterator[bytes] | None = None

    def open(self, headers: Mapping[str, str], body: Iterator[bytes]) -> Response:
        """The route's answer: status and headers now, `body` as it comes."""
        self._body = body
        own = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        return Response(200, headers["Content-Type"], "", headers=dict(own))

    def handle(self, event: Mapping[str, Any], context: Any) -> Any:
        """Handles an invocation: returns what the loop in `showreel.edge.streaming` sends, which is
        the opened stream, or an ordinary answer such as an error.
        """
        answer = self._app.resolve(event, context)
        body, self._body = self._body, None
        return answer if body is None else replace(streamed(answer), body=body)
