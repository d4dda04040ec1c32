"""A toy product: a run orders one picture. All that a product with runs needs, in one file."""

import time
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.ids import derived_id, new_id
from showreel.core.wire import Wire
from showreel.edge import sse
from showreel.edge.api import Response, api, base_url, json_response
from showreel.edge.streaming.opening import Opening
from showreel.generation.models import JobRequest, Terms, Wanted
from showreel.generation.service import cancel_job, start_job
from showreel.identity import current_caller
from showreel.orders.workspace import paying
from showreel.runs.kinds import RunLimits, Settlement
from showreel.runs.lifecycle import Lifecycle, lifecycle
from showreel.runs.models import Ending, Run, RunCredits, RunView, failed
from showreel.runs.reconcile import reconcile
from showreel.runs.service import own_run, run_events
from showreel.runs.sweep import Round

app, stream = api(current_caller), api()
opening = Opening(stream)
http, follow = app.resolve, opening.handle


class NewToy(Wire):
    workspace_id: str
    prompt: str


class ToyRuns:
    name = "toy"
    state_machine = "toy"
    limits = RunLimits(per_workspace=1, in_all=2)

    def view(self, run: Run) -> RunView:
        return RunView.model_validate(run.model_dump(include=set(RunView.model_fields)))

    def stop_children(self, run: Run, function_arn: str) -> None:
        cancel_job(derived_id(run.id, "picture"), function_arn)

    def settle(self, run: Run, ending: Ending) -> Settlement:
        return Settlement(output={"picture": run.state.get("picture")})

    def waits_for_us(self, run: Run) -> bool:
        return False

    def failure(self, run: Run) -> Ending:
        return failed("internal_error", "The picture could not be made")


def toys(function_arn: str) -> Lifecycle:
    return lifecycle(function_arn, ToyRuns())


@app.post("/api/toys")
def begin(request: NewToy) -> Response:
    on, run_id = toys(app.lambda_context.invoked_function_arn), new_id("run")
    run = Run(
        id=run_id,
        kind="toy",
        workspace_id=paying(current_caller(app), request.workspace_id).workspace_id,
        subject_id=request.prompt,
        credits=RunCredits(held=30),
        hold_id=run_id,
        public_base_url=base_url(app),
        limit_seconds=60,
        created_at=now_iso(),
    )
    on.begin(run)
    on.dispatch(ToyRuns(), [run.workspace_id])
    return json_response(202, on.shown(on.runs.get(run_id)))


@app.post("/api/toys/<run_id>/cancel")
def cancel(run_id: str) -> Response:
    on = toys(app.lambda_context.invoked_function_arn)
    return json_response(200, on.shown(on.cancel(own_run(on, current_caller(app), run_id))))


@stream.get("/api/toys/<run_id>/events")
def events(run_id: str) -> Response:
    on = toys(stream.lambda_context.invoked_function_arn)
    run = own_run(on, current_caller(stream), run_id)
    after = sse.last_event_id(stream.current_event.headers.get("last-event-id"))
    return opening.open(sse.HEADERS, run_events(on, run, after, time.monotonic() + 20))


def step(event: dict[str, Any], context: Any) -> None:
    on, run_id = toys(context.invoked_function_arn), event["run_id"]
    if event["step"] == "order":
        run = on.start(run_id, "Drawing")
        order = JobRequest(
            job_id=derived_id(run_id, "picture"),
            workspace_id=run.workspace_id,
            kind="toy",
            catalogue_id="fal-ai/flux/schnell",
            wanted=Wanted(media_type="image", inputs={"prompt": run.subject_id}),
            terms=Terms(deadline_at_seconds=run.deadline_at or 0),
            run_id=run_id,
            hold_id=run.hold_id,
            public_base_url=run.public_base_url,
            parent_token=event["token"],
        )
        start_job(order, context.invoked_function_arn)
    elif event["step"] == "finish":
        key = {"picture": event["job"]["outputKey"]}
        on.runs.change(run_id, lambda run: {"state": key}, event=("picture", key))
        on.end(run_id, Ending("completed", "Drawn"))
    else:
        on.release(run_id, event["error"]["Error"])


def sweep(_event: dict[str, Any], context: Any) -> None:
    on = toys(context.invoked_function_arn)
    reconcile(on, Round(on.table, lambda: context.get_remaining_time_in_millis() / 1000))
