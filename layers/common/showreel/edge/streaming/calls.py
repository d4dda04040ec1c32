"""Requests that are answered with a stream of a run's events, which a client can resume."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.edge import sse
from showreel.edge.api import base_url, idempotency_header
from showreel.edge.streaming.limits import Lifetime


@dataclass(frozen=True)
class StreamCall:
    """What a stream is made from: the request's key, last event and limits."""

    base_url: str
    function_arn: str
    lifetime: Lifetime
    key: str | None = None
    """The `Idempotency-Key`, used as the request's id if the body has none."""
    last_event_id: int = 0


@dataclass(frozen=True)
class StreamResponse:
    """An answer whose body is a run's events. A replay is of a request that came before."""

    body: Iterator[bytes]
    is_replay: bool

    @property
    def headers(self) -> dict[str, str]:
        """The answer's headers."""
        return sse.HEADERS | ({"Idempotent-Replayed": "true"} if self.is_replay else {})


def stream_call(app: APIGatewayRestResolver) -> StreamCall:
    """Returns the current call of `app`. Raises InvalidInput `bad_key` or `bad_event_id`."""
    return StreamCall(
        base_url=base_url(app),
        function_arn=str(app.lambda_context.invoked_function_arn),
        lifetime=app.lambda_context,
        key=idempotency_header(app),
        last_event_id=sse.last_event_id(app.current_event.headers.get("last-event-id")),
    )
