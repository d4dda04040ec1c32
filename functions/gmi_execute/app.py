"""/functions/v1/gmi-execute: a request to one of GMI Cloud's models, and how far it is."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from showreel.edge.api import api, base_url, idempotency_header, json_response
from showreel.edge.idempotency import answer_once
from showreel.edge.prefer import LOCK_SECONDS
from showreel.identity import current_caller
from showreel.orders.schemas import GmiRequest
from showreel.singles.gmi import service as gmi

app = api(current_caller)
RequestId = Annotated[str, Query(alias="requestId", min_length=1, max_length=128)]


@app.post("/functions/v1/gmi-execute")
def execute(request: GmiRequest) -> Response[Any]:
    """`action` is `submit` or `poll`; text is answered at once, the rest by polls."""
    caller = current_caller(app)
    if request.action == "poll":
        return json_response(200, gmi.look(caller, request.request_id))
    plan = gmi.planned(caller, request)
    here = gmi.Place(
        path=str(app.current_event.path),
        base_url=base_url(app),
        function_arn=str(app.lambda_context.invoked_function_arn),
        key=idempotency_header(app),
    )

    def submit() -> Response[Any]:
        return json_response(200, plan.submit(here))

    return answer_once(app, plan.workspace_id, submit, lock_seconds=LOCK_SECONDS)


@app.get("/functions/v1/gmi-execute")
def look(request_id: RequestId) -> Response[Any]:
    """The same as a poll."""
    return json_response(200, gmi.look(current_caller(app), request_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
