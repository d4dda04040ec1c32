"""Starting, reading and cancelling generation jobs: what every product calls."""

from showreel.catalog import Model, get_model, price, snap_duration
from showreel.core.aws import client, state_machine_arn
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item
from showreel.core.errors import (
    ConditionFailed,
    Conflict,
    InvalidInput,
    Transient,
)
from showreel.core.ids import new_file_id
from showreel.core.settings import GenerationMachine, settings
from showreel.generation.engine import Engine, engine
from showreel.generation.models import DUE_SHARDS, GRACE_SECONDS, Job, JobRequest
from showreel.generation.settle import complete, end, release, stop_at_vendor
from showreel.generation.tokens import answer_parent

HOLD_MARGIN_SECONDS = 3600
"""A job's own hold outlives its deadline by this."""


def start_job(request: JobRequest, function_arn: str) -> Job:
    """Makes the job, sets its credits aside and starts its execution; all of it once per `job_id`.

    `function_arn` is the caller's own (`context.invoked_function_arn`). Raises InvalidInput,
    InsufficientCredits, Conflict (`job_id` of another workspace) and Transient.
    """
    job = create_job(engine(), request)
    if not job.is_finished:
        _start_execution(job.job_id, function_arn)
    return job


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
        expires_at_seconds=job.deadline_at_seconds + GRACE_SECONDS + HOLD_MARGIN_SECONDS,
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
    duration_seconds = snap_duration(model, request.duration_seconds)
    cost = price(model, duration_seconds, native_audio=request.native_audio)
    return Job(
        **request.model_dump(
            exclude={"model", "duration_seconds", "hold_id", "output_key", "output_prefix"}
        ),
        status="queued",
        requested_model=model.id,
        model=model.id,
        provider=model.binding.provider,
        duration_seconds=duration_seconds,
        hold_id=request.hold_id or request.job_id,
        own_hold=request.hold_id is None,
        output_key=request.output_key or _new_output_key(request.output_prefix),
        credits=cost.credits,
        cost_cents=cost.cost_cents,
        created_at=now_iso(),
    )


def _new_output_key(prefix: str) -> str:
    return f"{prefix.strip('/')}/{new_file_id()}.mp4"


def check_inputs(model: Model, request: JobRequest) -> None:
    """Raises InvalidInput for a missing input, one the model can't use, or a retired model."""
    if model.lifecycle.status == "retired" and model.lifecycle.replaced_by is None:
        raise InvalidInput("This model is no longer available", code="model_retired")
    inputs = model.capabilities.inputs
    if inputs.prompt == "required" and not request.prompt.strip():
        raise InvalidInput("This model needs a prompt", code="prompt_required")
    if inputs.image == "required" and request.image_key is None:
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

    None if there is no such job.
    """
    job = cancel(engine(), job_id)
    if job is not None and job.status == "canceled":
        _stop_execution(job_id, function_arn)
    return job


def cancel(on: Engine, job_id: str) -> Job | None:
    """The row, the vendor, the hold and the parent. Every step of the execution sees the end."""
    job = on.jobs.find(job_id)
    if job is None or job.settled_at:
        return job
    ended = job if job.is_finished else end(on, job, "canceled", "canceled")
    if ended.status == "canceled":
        stop_at_vendor(on, ended)
    return complete(on, ended)


def due_job_ids() -> list[str]:
    """Jobs that should have been settled by now. The reconciler calls `reconcile` with each."""
    at = now_seconds()
    return [job_id for n in range(DUE_SHARDS) for job_id in engine().jobs.due(str(n), at)]


def reconcile(job_id: str) -> Job:
    """Ends a job that its execution lost: delivered if its result is stored, else failed."""
    return release(engine(), job_id, "timed_out")


def _start_execution(job_id: str, function_arn: str) -> None:
    name = settings(GenerationMachine).generation_state_machine
    machine = state_machine_arn(function_arn, name)
    _call(
        "start_execution",
        {"ExecutionAlreadyExists"},
        stateMachineArn=machine,
        name=job_id,
        input=f'{{"job_id":"{job_id}"}}',
    )


def _stop_execution(job_id: str, function_arn: str) -> None:
    name = settings(GenerationMachine).generation_state_machine
    machine = state_machine_arn(function_arn, name)
    execution = machine.replace(":stateMachine:", ":execution:") + f":{job_id}"
    _call("stop_execution", {"ExecutionDoesNotExist"}, executionArn=execution, error="Canceled")


def _call(operation: str, expected_codes: set[str], **request: str) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        getattr(client("stepfunctions"), operation)(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in expected_codes:
            raise Transient(f"Step Functions: {code}") from error
    except BotoCoreError as error:
        raise Transient(f"Step Functions: {type(error).__name__}") from error
