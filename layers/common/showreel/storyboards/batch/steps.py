"""The steps of AutoGenerate: their events and functions. State carries numbers, no payloads."""

from typing import Any

from pydantic import BaseModel, Field

from showreel.core.errors import (
    AppError,
    Conflict,
    InsufficientCredits,
    InvalidInput,
    NotFound,
    SpendCapReached,
    Transient,
)
from showreel.core.ids import derived_id
from showreel.generation.models import Lane
from showreel.generation.service import start_job
from showreel.runs.executions import answer_token
from showreel.runs.models import Run
from showreel.runs.tasks import EndTask, RunTask
from showreel.storyboards.access import shot_media, storyboards
from showreel.storyboards.batch import context
from showreel.storyboards.batch.kind import batches
from showreel.storyboards.batch.models import BatchPlan, ShotResult
from showreel.storyboards.batch.results import note, stop
from showreel.storyboards.batch.view import counts_of
from showreel.storyboards.generations.readiness import why_not
from showreel.storyboards.generations.requests import Making, job_request
from showreel.storyboards.models import ShotInProject

AHEAD = 2
"""Shots begun at once, in multiples of those at the vendor, so that one always waits there."""
GONE = "shot_gone"


class ShotTask(RunTask):
    """The event of the step for one shot, whose state waits for `token`."""

    index: int = Field(ge=0)
    token: str = Field(min_length=1)


class Shots(BaseModel):
    """The shots over which the Map runs, and how many of them at once."""

    shots: list[dict[str, int]]
    at_once: int


def load_shots(run_id: str, function_arn: str) -> Shots:
    """Starts the run's clock and lists its shots. Raises Conflict if the run is over."""
    batches(function_arn).start(run_id, "Getting the shots ready")
    plan = context.rows(run_id).plan()
    shots = [{"index": index} for index in range(len(plan.shot_ids))]
    return Shots(shots=shots, at_once=AHEAD * plan.concurrency)


def make_shot(task: ShotTask, function_arn: str) -> None:
    """Starts the shot's job, whose end answers the token. Answers it at once if the shot can't be
    made or the run begins no more shots. Raises Transient.
    """
    run = context.runs().get(task.run_id)
    is_ordered = False
    if not (run.is_over or run.cancel_requested or counts_of(run).stopped):
        is_ordered = _ordered(run, context.rows(run.id).plan(), task, function_arn)
    if not is_ordered:
        answer_token(task.token, {})


def end_run(task: EndTask, function_arn: str) -> None:
    """Ends the run by its shots' results or the error. Late deliveries are kept on the shots."""
    on = batches(function_arn)
    if task.error is None:
        on.end(task.run_id, on.why(on.runs.get(task.run_id)))
    else:
        on.release(task.run_id, task.error_name)


def _ordered(run: Run, plan: BatchPlan, task: ShotTask, function_arn: str) -> bool:
    """Returns whether a job was started, which answers the token."""
    shot_id = plan.shot_ids[task.index]
    try:
        found = storyboards().shot(shot_id)
    except NotFound:
        _end(run, task, shot_id, "skipped", GONE)
        return False
    job_id, state = derived_id(run.id, shot_id), found.shot.medium(plan.medium)
    reason = None if state.job_id == job_id else why_not(found.shot, plan.medium)
    if reason is not None:
        _end(run, task, shot_id, "skipped", reason)
        return False
    try:
        _start(run, plan, task, found, function_arn)
    except (InsufficientCredits, SpendCapReached) as error:
        stop(run.id, error.code)
    except InvalidInput as error:
        _refuse(run, plan, task, found, error)
    except Conflict as error:
        raise Transient("the shot or the run has changed") from error
    else:
        return True
    return False


def _start(
    run: Run, plan: BatchPlan, task: ShotTask, found: ShotInProject, function_arn: str
) -> None:
    """Starts the job. Its row and hold, the shot's lock and the run's row for it are one
    transaction, which fails if the run is over.
    """
    job_id = derived_id(run.id, found.shot.id)
    request = job_request(
        Making(found, plan.medium, plan.choice),
        job_id,
        run.public_base_url,
        run_id=run.id,
        parent_token=task.token,
        lane=Lane(name=run.id, limit=plan.concurrency, order=task.index),
    )
    begun = ShotResult(index=task.index, shot_id=found.shot.id, status="generating", job_id=job_id)
    locked = shot_media().lock_write(found.shot, plan.medium, job_id)
    start_job(request, function_arn, [locked, context.rows(run.id).begin_write(begun)])


def _refuse(
    run: Run, plan: BatchPlan, task: ShotTask, found: ShotInProject, error: AppError
) -> None:
    """Records that the model can't make the shot as it is."""
    job_id = derived_id(run.id, found.shot.id)
    if shot_media().lock(found.shot, plan.medium, job_id):
        shot_media().fail(found.shot.id, plan.medium, job_id, error.code)
    _end(run, task, found.shot.id, "failed", error.code)


def _end(run: Run, task: ShotTask, shot_id: str, status: Any, reason: str) -> None:
    note(run.id, ShotResult(index=task.index, shot_id=shot_id, status=status, reason=reason))
