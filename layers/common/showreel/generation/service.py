"""Starts, reads and cancels generation jobs, for every product."""

import contextlib
import time
from collections.abc import Sequence

from showreel.catalog import Model, bind, get_model, snap_duration
from showreel.core.backoff import OUTAGE_SECONDS, growing
from showreel.core.clock import now_iso
from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import (
    ConditionFailed,
    Conflict,
    InvalidInput,
    Transient,
)
from showreel.core.ids import derived_id, new_file_id, new_id
from showreel.core.settings import RunsTable, settings
from showreel.generation.decide import price_of
from showreel.generation.engine import Engine, engine, jobs
from showreel.generation.models import (
    Job,
    JobRequest,
    Wanted,
)
from showreel.generation.settle import complete, end, stop_at_vendor
from showreel.generation.tokens import answer_parent
from showreel.generation.turns import begin

HOLD_MARGIN_SECONDS = 3600
"""How long a job's own hold outlasts its last moment and `OUTAGE_SECONDS` after it."""
LOOKS_SECONDS = 0.2, 2.0
"""The first and the longest pause between two reads of a row."""


def start_job(request: JobRequest, function_arn: str, with_writes: Sequence[Write] = ()) -> Job:
    """Creates the job, holds its credits and starts its execution; all of it once per `job_id`. A
    job of a lane starts when it gets a place there. `with_writes` are the caller's own rows,
    written in one transaction with the job's.

    `function_arn` is the caller's own (`context.invoked_function_arn`). Raises InvalidInput,
    InsufficientCredits, SpendCapReached, Conflict (`run_over` when a condition of the writes or of
    the job's run failed, or `job_id` of another workspace) and Transient.
    """
    on = engine(function_arn)
    job = create_job(on, request, with_writes)
    if not job.is_finished:
        begin(on, job)
    return job


def begin_job(request: JobRequest, function_arn: str, with_writes: Sequence[Write] = ()) -> Job:
    """Does as `start_job`, but ignores Transient if the job's row was written: then the reconciler
    starts it.
    """
    try:
        return start_job(request, function_arn, with_writes)
    except Transient:
        job = get_job(request.job_id)
        if job is None:
            raise
        return job


def resume_job(job: Job, function_arn: str) -> Job:
    """Starts the execution of an existing job, if it has none."""
    if not job.is_finished:
        with contextlib.suppress(Transient):  # the reconciler starts it later
            begin(engine(function_arn), job)
    return job


def claim_job_id(*scope: str) -> str:
    """Returns the job id of a caller's key, the same for a day, so that a request whose process
    died finds the job that it made. A key whose job failed at no cost gets a new one.
    """
    name = derived_id(*scope)
    job_id = jobs().claim(name, new_id())
    job = jobs().find(job_id)
    if job is not None and job.status == "failed" and not job.credits_debited:
        return jobs().claim(name, new_id(), instead_of=job_id)
    return job_id


def wait_for_end(job_id: str, seconds: float) -> Job:
    """Waits until the job is settled, or for `seconds`; returns it. Raises NotFound."""
    job, until = jobs().get(job_id), time.monotonic() + seconds
    for pause in growing(*LOOKS_SECONDS):
        left = until - time.monotonic()
        if job.settled_at or left <= 0:
            break
        time.sleep(min(pause, left))
        job = jobs().get(job_id)
    return job


def create_job(on: Engine, request: JobRequest, with_writes: Sequence[Write] = ()) -> Job:
    """Writes the job's row and hold in one transaction, or adopts the existing job. A run's job is
    written only while the run and its hold are open.
    """
    existing = on.jobs.find(request.job_id)
    if existing is not None:
        return _adopt(on, existing, request)
    job = new_job(request)
    try:
        _insert(on, job, with_writes)
    except ConditionFailed as error:
        existing = on.jobs.find(request.job_id)
        if existing is None:
            raise Conflict("The run is over", code="run_over") from error
        return _adopt(on, existing, request)
    return job


def _insert(on: Engine, job: Job, with_writes: Sequence[Write]) -> None:
    if not (job.own_hold and job.credits):
        transact([on.jobs.create_write(job), *_hold_check(on, job), *_run_check(job), *with_writes])
        return
    on.ledger.hold(
        job.workspace_id,
        job.hold_id,
        job.credits,
        expires_at_seconds=job.last_moment_seconds + OUTAGE_SECONDS + HOLD_MARGIN_SECONDS,
        job_id=job.job_id,
        with_writes=[on.jobs.create_write(job), *_run_check(job), *with_writes],
    )


def _hold_check(on: Engine, job: Job) -> list[Write]:
    """Returns the check that a run's hold is open, as capturing needs: else nobody would pay."""
    return [on.ledger.open_check(job.workspace_id, job.hold_id)] if job.credits else []


def _run_check(job: Job) -> list[Write]:
    """Returns the check that the job's run isn't over."""
    if job.run_id is None:
        return []
    from showreel.runs.store import open_check  # most jobs have no run

    return [open_check(Table(settings(RunsTable).runs_table), job.run_id)]


def _adopt(on: Engine, job: Job, request: JobRequest) -> Job:
    """Returns an existing job. A parent with a new token gets its answer by that one."""
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
    """Returns a new job with its price. Raises InvalidInput for what its model can't do."""
    model, wanted = get_model(request.catalogue_id), request.wanted
    check_inputs(model, wanted)
    binding = bind(model)
    duration_seconds = _length(model, wanted)
    cost = price_of(model, request, duration_seconds)
    reason = _why_another(model, binding.makes, request.fallback_reason)
    return Job(
        **request.model_dump(exclude=REPLACED_FIELDS),
        status="queued",
        requested_model=request.requested_model or model.id,
        model=binding.makes or model.id,
        fallback_used=reason is not None,
        fallback_reason=reason,
        provider=binding.provider,
        duration_seconds=duration_seconds,
        hold_id=request.hold_id or request.job_id,
        own_hold=request.hold_id is None,
        output_key=request.output_key or _new_output_key(request),
        credits=cost.credits if request.quoted_credits is None else request.quoted_credits,
        cost_cents=cost.cost_cents,
        created_at=now_iso(),
    )


REPLACED_FIELDS = {
    "requested_model",
    "fallback_reason",
    "hold_id",
    "quoted_credits",
    "output_key",
    "output_prefix",
}


def _why_another(model: Model, makes: str | None, routed: str | None) -> str | None:
    """Returns why another model is used than the one asked for: it was routed (`routed`), or its
    binding names a successor (retired, deprecated, or by an operator). None if it is the same.
    """
    why = {"active": "bound"}.get(model.lifecycle.status, model.lifecycle.status)
    follows = f"{why}:{model.id}->successor:{makes}" if makes not in (None, model.id) else None
    return "; ".join(part for part in (routed, follows) if part) or None


def _length(model: Model, wanted: Wanted) -> int | None:
    """Returns the whole seconds that the model makes; None if it has no lengths, or every one."""
    if model.capabilities.duration_seconds is None or wanted.duration_seconds is None:
        return None
    if model.media_type == "audio":
        return None
    return snap_duration(model, wanted.duration_seconds)


def _new_output_key(request: JobRequest) -> str:
    """Returns a random key: a video's with its extension, else a prefix of the files' keys."""
    is_one_video = request.wanted.media_type == "video" and not request.terms.may_be_any_media
    key = f"{request.output_prefix.strip('/')}/{new_file_id()}"
    return f"{key}.mp4" if is_one_video else key


def check_inputs(model: Model, wanted: Wanted) -> None:
    """Checks the inputs. Raises InvalidInput for a missing or unusable one, or a retired model."""
    if model.lifecycle.status == "retired" and model.lifecycle.replaced_by is None:
        raise InvalidInput("This model is no longer available", code="model_retired", field="model")
    if wanted.inputs:  # checked by the form of the model
        return
    inputs = model.capabilities.inputs
    if inputs.prompt == "required" and not wanted.prompt.strip():
        raise InvalidInput("This model needs a prompt", code="prompt_required", field="prompt")
    if inputs.image == "required" and not wanted.has_first_picture and not wanted.input_media:
        raise InvalidInput("This model needs an image", code="image_required", field="image_url")
    if inputs.end_image == "none" and wanted.end_image_key is not None:
        raise InvalidInput(
            "This model takes no end image", code="end_image_unsupported", field="end_image_url"
        )
    ratios = model.capabilities.aspect_ratios
    if ratios and wanted.aspect_ratio not in ratios:
        valid = ", ".join(ratios)
        raise InvalidInput(
            f"Aspect ratio must be one of {valid}",
            code="aspect_ratio_unsupported",
            field="aspect_ratio",
        )


def get_job(job_id: str) -> Job | None:
    """Returns the job, or None. The caller checks the workspace before showing it to a user."""
    return engine().jobs.find(job_id)


def cancel_job(job_id: str, function_arn: str) -> Job | None:
    """Ends the job as canceled, whatever it is doing; a finished one stays as it is. Idempotent.

    A text job is asked to stop, and ends within seconds. None if there is no such job.
    """
    on = engine(function_arn)
    job = cancel(on, job_id)
    if job is not None and job.status == "canceled":
        on.executions.stop(job.execution_name)
    return job


def cancel(on: Engine, job_id: str) -> Job | None:
    """Ends the job's row, its task at the vendor, its hold and its parent's wait.

    A text job is ended by the request that streams it, which alone knows what is to be paid.
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


def close_lane(name: str) -> None:
    """Closes a lane, whose waiting jobs then never start; the caller cancels them. Raises
    Transient.
    """
    engine().jobs.lanes.close(name)
