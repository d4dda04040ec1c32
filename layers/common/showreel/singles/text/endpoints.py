"""The endpoints for texts, which differ only in their models and the form of the answer."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from showreel.core.errors import InvalidInput
from showreel.edge.api import idempotency_header, json_response
from showreel.edge.sse import HEADERS
from showreel.edge.streaming.opening import Opening
from showreel.generation.models import Job
from showreel.generation.text.order import TextOrder
from showreel.identity import current_caller
from showreel.orders.conversation import order_of
from showreel.orders.text import TextCall, complete
from showreel.orders.workspace import paying
from showreel.singles.text.names import TextModels
from showreel.singles.text.schemas import TextBody
from showreel.singles.text.stream import stream

REPLAYED = {"Idempotent-Replayed": "true"}
MakeBody = Callable[[Job], dict[str, Any]]


def answer(
    app: APIGatewayRestResolver,
    opening: Opening,
    body: TextBody,
    sold: TextModels,
    make_body: MakeBody,
) -> Response[Any]:
    """Raises 401, 400, 404, 402 before the vendor is asked; answers once there is text."""
    caller = current_caller(app)
    order = order_of(sold.model(body.model), body.inputs, strict=body.strict)
    key = _key(app, body)
    call = TextCall(paying(caller, body.workspace_id), str(app.current_event.path), key)
    return _streamed(opening, order, call) if body.stream else _whole(order, call, make_body)


def _whole(order: TextOrder, call: TextCall, make_body: MakeBody) -> Response[Any]:
    made = complete(order, call)
    answer = json_response(200, make_body(made.job))
    answer.headers.update(REPLAYED if made.is_replay else {})
    return answer


def _streamed(opening: Opening, order: TextOrder, call: TextCall) -> Response[Any]:
    made = stream(order, call)
    return opening.open(HEADERS | (REPLAYED if made.is_replay else {}), made.body)


def _key(app: APIGatewayRestResolver, body: TextBody) -> str | None:
    """Returns `Idempotency-Key`, else the body's request id. Raises InvalidInput `bad_key`."""
    key = idempotency_header(app) or body.request_id
    if key is not None and not (key.isascii() and key.isprintable()):
        raise InvalidInput(
            "requestId must be 1-255 printable characters", code="bad_key", field="requestId"
        )
    return key
