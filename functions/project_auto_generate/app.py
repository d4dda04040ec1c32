"""/functions/v1/project-auto-generate: makes all pictures or videos of a project; shows runs."""

from showreel.edge.api import Response, api, base_url, idempotency_header, json_response
from showreel.edge.idempotency import answer_once
from showreel.edge.queries import Cursor, Limit, RunId
from showreel.identity import current_caller
from showreel.storyboards.batch import service
from showreel.storyboards.batch.schemas import RESPONSES, AutoGenerate

app = api(current_caller)
handler = app.resolve


@app.post("/functions/v1/project-auto-generate", responses=RESPONSES)
def queue(request: AutoGenerate) -> Response:
    """Makes what is missing of a project's pictures or videos: those that were not made or failed.

    202 with a run that goes on by itself; 200 if there is nothing to make, if a run of the phase is
    on its way, or for a dry run.
    """
    order, key = service.order_of(current_caller(app), request), idempotency_header(app)

    def begin() -> Response:
        queued = service.queue(order, request, key, base_url(app), _arn())
        return json_response(202 if queued.queued and queued.run_id else 200, queued)

    return answer_once(app, order.project.workspace_id, begin)


@app.get("/functions/v1/project-auto-generate")
def look(run_id: RunId, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Returns the status of a run, with a page of its shots."""
    caller = current_caller(app)
    return json_response(200, service.look(caller, run_id, limit, cursor, _arn()))


def _arn() -> str:
    return str(app.lambda_context.invoked_function_arn)
