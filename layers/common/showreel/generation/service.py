"""Starting, reading, cancelling and reviving generation jobs: what every product calls."""

import json
import time

from showreel.catalog import Model, bind, get_model, price, snap_duration
from showreel.core.aws import state_machine_arn
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item
from showreel.core.errors import (
    ConditionFailed,
    Conflict,
    InvalidInput,
    Transient,
)
from showreel.core.ids import derived_id, new_file_id, new_id
from showreel.core.observability import count, logger
from showreel.core.settings import GenerationMachine, settings
from showreel.generation.engine import Engine, engine, jobs
from showreel.generation.models import (
    DUE_SHARDS,
    GRACE_SECONDS,
    Job,
    JobRequest,
    execution_job_id,
)
from showreel.generation.outcome import first_wait_seconds
from showreel.generation.settle import complete, end, release, stop_at_vendor
from showreel.generation.tokens import answer_parent
from showreel.runs.executions import answer_token, call_states

HOLD_MARGIN_SECONDS = 3600
"""A job's own hold outlives its last moment by this."""
MAX_REVIVALS = 5
"""How often a dead execution is replaced before the job is ended as it stands."""
FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.2, 2.0


def start_job(request: JobRequest, function_arn: str) -> Job:
    """Makes the job, sets its credits aside and starts its execution; all of it once per `job_id`.

    `function_arn` is the caller's own (`context.invoked_function_arn`). Raises InvalidInput,
    InsufficientCredits, Conflict (`job_id` of another workspace) and Transient.
    """
    job = create_job(engine(), request)
    if not job.is_finished:
        _start_execution(job, function_arn)
    return job


def begin_job(request: JobRequest, function_arn: str) -> Job:
    """`start_job` for a request that waits: a job that is there goes on, whatever became of its
    start, since the reconciler sees to that.
    """
    try:
        return start_job(request, function_arn)
    except Transient:
        job = get_job(request.job_id)
        if job is None:
            raise
        return job


def claim_job_id(*scope: str) -> str:
    """The job id that a caller's own key stands for, the same for a day; so that a request whose
    process died finds the job that it made. A key whose job failed at no cost may be used again.
    """
    name = derived_id(*scope)
    job_id = jobs().claim(name, new_id())
    job = jobs().find(job_id)
    if job is not None and job.status == "failed" and not job.credits_debited:
        return jobs().claim(name, new_id(), instead_of=job_id)
    return job_id


def wait_for_end(job_id: str, seconds: float) -> Job:
    """The job when it has been settled, or as it is after `seconds`. Raises NotFound."""
    until, pause = time.monotonic() + seconds, FIRST_LOOK_SECONDS
    while True:
        job = jobs().get(job_id)
        left = until - time.monotonic()
        if job.settled_at or left <= 0:
            return job
        time.sleep(min(pause, left))
        pause = min(pause * 1.2, LONGEST_LOOK_SECONDS)


def create_job(on: Engine, request: JobRequest) -> Job:
    """The job's row and hold in one transaction, or the job that is there already."""
    existing = on.jobs.find(request.job_id)
    if existing is not None:
        return _adopt(on, existing, request)
    job = new_job(request)
    try:
        _insert(on, job)
    except ConditionFailed:
        return _adopt(on, on.jobs.get(request.job_id), request)
    return job


def _insert(on: Engine, job: Job) -> None:
    if not job.own_hold:
        on.jobs.create(job)
        return
    on.ledger.hold(
        job.workspace_id,
        job.hold_id,
        job.credits,
        expires_at_seconds=job.last_moment_seconds + GRACE_SECONDS + HOLD_MARGIN_SECONDS,
        job_id=job.job_id,
        with_writes=[on.jobs.create_write(job)],
    )


def _adopt(on: Engine, job: Job, request: JobRequest) -> Job:
    """The same job again, perhaps for a parent with a new token."""
    if job.workspace_id != request.workspace_id:
        raise Conflict("This job id is taken")
    if request.parent_token is None:
        return job
    try:
        return on.jobs.set_parent(job, request)
    except ConditionFailed:
        finished = on.jobs.get(job.job_id)
        answer_parent(finished.model_copy(update={"parent_token": request.parent_token}))
        return finished


def new_job(request: JobRequest) -> Job:
    """The first row of a job, priced. Raises InvalidInput for what its model can't do."""
    model = get_model(request.model)
    check_inputs(model, request)
    binding = bind(model)
    duration_seconds = _length(model, request)
    cost = price(
        model,
        duration_seconds or request.duration_seconds,
        count=request.count,
        characters=request.characters,
        native_audio=request.native_audio,
        base_is_least=request.base_is_least,
    )
    reason = _why_another(model, binding.makes, request.fallback_reason)
    return Job(
        **request.model_dump(exclude=REPLACED_FIELDS),
        status="queued",
        requested_model=request.requested_model or model.id,
        model=binding.makes or model.id,
        catalogue_id=model.id,
        fallback_used=reason is not None,
        fallback_reason=reason,
        provider=binding.provider,
        duration_seconds=duration_seconds,
        seconds=request.duration_seconds,
        inputs=json.dumps(request.inputs),
        hold_id=request.hold_id or request.job_id,
        own_hold=request.hold_id is None,
        output_key=request.output_key or _new_output_key(request),
        credits=cost.credits,
        cost_cents=cost.cost_cents,
        created_at=now_iso(),
    )


REPLACED_FIELDS = {
    "model",
    "requested_model",
    "fallback_reason",
    "duration_seconds",
    "inputs",
    "hold_id",
    "output_key",
    "output_prefix",
}


def _why_another(model: Model, makes: str | None, routed: str | None) -> str | None:
    """Why the job isn't made by what was asked for: it was routed elsewhere, or is gone upstream
    and has a successor; None if it is.
    """
    retired = f"retired:{model.id}->successor:{makes}" if makes not in (None, model.id) else None
    return "; ".join(part for part in (routed, retired) if part) or None


def _length(model: Model, request: JobRequest) -> int | None:
    """Whole seconds as the model makes them; None where it has no lengths, or makes every one."""
    if model.capabilities.duration_seconds is None or request.duration_seconds is None:
        return None
    if model.media_type == "audio":
        return None
    return snap_duration(model, request.duration_seconds)


def _new_output_key(request: JobRequest) -> str:
    """With its extension where there is one file of one kind, else the start of its files' keys."""
    is_one_video = request.media_type == "video" and not request.may_be_any_media
    key = f"{request.output_prefix.strip('/')}/{new_file_id()}"
    return f"{key}.mp4" if is_one_video else key


def check_inputs(model: Model, request: JobRequest) -> None:
    """Raises InvalidInput for a missing input, one the model can't use, or a retired model."""
    if model.lifecycle.status == "retired" and model.lifecycle.replaced_by is None:
        raise InvalidInput("This model is no longer available", code="model_retired")
    if request.inputs:  # checked by the form of the model
        return
    inputs = model.capabilities.inputs
    if inputs.prompt == "required" and not request.prompt.strip():
        raise InvalidInput("This model needs a prompt", code="prompt_required")
    if inputs.image == "required" and request.image_key is None and not request.input_media:
        raise InvalidInput("This model needs an image", code="image_required")
    if inputs.end_image == "none" and request.end_image_key is not None:
        raise InvalidInput("This model takes no end image", code="end_image_unsupported")
    ratios = model.capabilities.aspect_ratios
    if ratios and request.aspect_ratio not in ratios:
        valid = ", ".join(ratios)
        raise InvalidInput(f"Aspect ratio must be one of {valid}", code="aspect_ratio_unsupported")


def get_job(job_id: str) -> Job | None:
    """The job, or None. Whoever shows it to a user checks the workspace first."""
    return engine().jobs.find(job_id)


def list_jobs(
    workspace_id: str, limit: int, start: Item | None = None
) -> tuple[list[Job], Item | None]:
    """A workspace's jobs, newest first, and where the next page starts."""
    return engine().jobs.page(workspace_id, limit, start)


def cancel_job(job_id: str, function_arn: str) -> Job | None:
    """Ends the job as canceled, whatever it is doing; a finished one stays as it is. Idempotent.

    A text is asked to stop, and ends itself within seconds. None if there is no such job.
    """
    job = cancel(engine(), job_id)
    if job is not None and job.status == "canceled":
        _stop_execution(job, function_arn)
    return job


def cancel(on: Engine, job_id: str) -> Job | None:
    """The row, the vendor, the hold and the parent. Every step of the execution sees the end.

    A text is ended by the request that tells it, which alone knows what is to be paid.
    """
    job = on.jobs.find(job_id)
    if job is None or job.settled_at:
        return job
    if not (job.has_execution or job.is_finished):
        return _ask_to_stop(on, job)
    ended = job if job.is_finished else end(on, job, "canceled", "canceled")
    if ended.status == "canceled":
        stop_at_vendor(on, ended)
    return complete(on, ended)


def _ask_to_stop(on: Engine, job: Job) -> Job:
    try:
        return on.jobs.request_cancel(job)
    except ConditionFailed:
        return on.jobs.get(job.job_id)


def due_job_ids() -> list[str]:
    """Jobs whose rows have been quiet for too long. The reconciler calls `reconcile` with each."""
    at = now_seconds()
    return [job_id for n in range(DUE_SHARDS) for job_id in engine().jobs.due(str(n), at)]


def reconcile(job_id: str, function_arn: str) -> None:
    """Looks after a quiet job: what has ended is settled, what waits is woken, a dead execution
    gets a successor, which asks the vendor and drives the job on. Safe to run twice at once.
    """
    on = engine()
    job = on.jobs.find(job_id)
    if job is None or job.settled_at:
        return
    if job.is_finished:
        complete(on, job)
    elif not job.has_execution:
        release(on, job_id, "timed_out")
    elif _is_running(job, function_arn):
        _wake(on, job, function_arn)
    else:
        _revive(on, job, function_arn)


def execution_died(execution_name: str, function_arn: str) -> None:
    """The same for a job whose execution is known to be dead."""
    job = engine().jobs.find(execution_job_id(execution_name))
    if job is not None and job.execution_name == execution_name:
        reconcile(job.job_id, function_arn)


def _wake(on: Engine, job: Job, function_arn: str) -> None:
    """A running execution polls when its wait is answered. Past any use it is stopped."""
    if now_seconds() > job.last_moment_seconds + GRACE_SECONDS:
        _stop_execution(job, function_arn)
        release(on, job.job_id, "timed_out")
        return
    on.jobs.look_later(job)
    if job.await_token:
        answer_token(job.await_token, {})


def _revive(on: Engine, job: Job, function_arn: str) -> None:
    if job.revivals >= MAX_REVIVALS:
        release(on, job.job_id, "timed_out")
        return
    try:
        revived = on.jobs.begin_revival(job)
    except ConditionFailed:
        return
    logger().warning("an execution died", job_id=job.job_id, revival=revived.revivals)
    count("JobRevived", provider=job.provider)
    _start_execution(revived, function_arn)


def _start_execution(job: Job, function_arn: str) -> None:
    call_states(
        "start_execution",
        {"ExecutionAlreadyExists"},
        stateMachineArn=_machine(function_arn),
        name=job.execution_name,
        input=json.dumps({"job_id": job.job_id, "first_wait_seconds": first_wait_seconds()}),
    )


def _stop_execution(job: Job, function_arn: str) -> None:
    arn = _execution(job, function_arn)
    call_states("stop_execution", {"ExecutionDoesNotExist"}, executionArn=arn, error="Canceled")


def _is_running(job: Job, function_arn: str) -> bool:
    arn = _execution(job, function_arn)
    answer = call_states("describe_execution", {"ExecutionDoesNotExist"}, executionArn=arn)
    return answer is not None and answer["status"] == "RUNNING"


def _machine(function_arn: str) -> str:
    return state_machine_arn(function_arn, settings(GenerationMachine).generation_state_machine)


def _execution(job: Job, function_arn: str) -> str:
    machine = _machine(function_arn)
    return machine.replace(":stateMachine:", ":execution:") + f":{job.execution_name}"
