"""/functions/v1/gmi-execute: sends a request to one of GMI Cloud's models, and shows its job."""

from typing import Annotated

from showreel.edge.api import Response, api, json_response
from showreel.edge.idempotency import answer_once
from showreel.edge.prefer import LOCK_SECONDS, this_call
from showreel.edge.queries import Query
from showreel.identity import current_caller
from showreel.singles.gmi import service as gmi
from showreel.singles.gmi.schemas import GmiRequest

app = api(current_caller)
handler = app.resolve
RequestId = Annotated[str, Query(alias="requestId", min_length=1, max_length=128)]


@app.post("/functions/v1/gmi-execute")
def execute(request: GmiRequest) -> Response:
    """`action` is `submit` or `poll`; text is answered at once, the rest by polls."""
    caller = current_caller(app)
    if request.action == "poll":
        return json_response(200, gmi.look(caller, request.request_id))
    plan = gmi.planned(caller, request)
    call = this_call(app, most_seconds=0)

    def submit() -> Response:
        return json_response(200, plan.submit(call))

    return answer_once(app, plan.workspace_id, submit, lock_seconds=LOCK_SECONDS)


@app.get("/functions/v1/gmi-execute")
def look(request_id: RequestId) -> Response:
    """Returns the status of the job, as a poll does."""
    return json_response(200, gmi.look(current_caller(app), request_id))
