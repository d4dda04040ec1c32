"""Ends a job once, settles its credits and notifies what waits for it.

    terminal row + capture (one transaction) → leave the lane → close the job's own hold
    → write the result to the job's subject → answer the parent

Each part can be repeated; after a crash in between the whole is run again.
"""

from typing import Literal

from showreel.core.errors import (
    ConditionFailed,
    HoldClosed,
    HoldNotFound,
    InvalidInput,
    ProviderError,
)
from showreel.core.observability import count, logger
from showreel.generation.engine import Engine
from showreel.generation.models import Final, Job
from showreel.generation.subjects import notify_subject
from showreel.generation.tokens import answer_parent
from showreel.generation.turns import leave_lane
from showreel.providers.registry import BUILTIN

INTERNAL = "internal_error"


def settle(engine: Engine, job_id: str) -> Job:
    """Ends the job as its row says, completed if the result is stored, and does what follows."""
    job = engine.jobs.get(job_id)
    if job.settled_at:
        return job
    if not job.is_finished:
        job = _ended(engine, job)
    return complete(engine, job)


def release(engine: Engine, job_id: str, error_code: str = INTERNAL) -> Job:
    """Ends the job of a broken execution: completed if its result is stored, else failed."""
    job = engine.jobs.get(job_id)
    if not job.is_finished and not job.delivery.is_stored:
        stop_at_vendor(engine, job)
        job = end(engine, job, "failed", job.error_code or error_code)
    return settle(engine, job_id)


def end(engine: Engine, job: Job, status: Final, error_code: str | None) -> Job:
    """Writes the end unless the job has ended; returns the job as it ended."""
    try:
        return engine.jobs.finish(job, status, error_code)
    except ConditionFailed:
        return engine.jobs.get(job.job_id)


def end_paid(
    engine: Engine,
    job: Job,
    status: Final,
    error_code: str | None,
    credits_debited: int,
    result: str | None = None,
) -> Job:
    """Ends the job and captures its credits in one transaction, unless it has ended before.

    If its credits can't be captured the job fails and its result is discarded.
    """
    write = engine.jobs.finish_write(job, status, error_code, credits_debited, result)
    try:
        engine.ledger.capture(
            job.workspace_id,
            job.hold_id,
            credits_debited,
            job_id=job.job_id,
            run_id=job.run_id,
            with_writes=[write],
        )
    except (ConditionFailed, HoldClosed, HoldNotFound, InvalidInput) as error:
        current = engine.jobs.get(job.job_id)
        return current if current.is_finished else _unpaid(engine, current, error.code)
    return engine.jobs.get(job.job_id)


def _unpaid(engine: Engine, job: Job, reason: str) -> Job:
    logger().error("a result could not be paid", job_id=job.job_id, reason=reason)
    count("LedgerError", step="settle")
    return end(engine, job, "failed", "hold_closed")


def complete(engine: Engine, job: Job) -> Job:
    """Completes a job's end: leaves the lane, closes the hold, notifies subject and parent."""
    leave_lane(engine, job)
    _close_own_hold(engine, job)
    current = engine.jobs.get(job.job_id)
    if not current.settled_at:
        notify_subject(current)
    answer_parent(current)
    if not current.settled_at:
        _count(current)
    return engine.jobs.mark_settled(current)


def _count(job: Job) -> None:
    """Counts the job by its end, for the dashboard; failures by vendor."""
    if job.status == "failed":
        count("JobFailed", provider=job.provider)
    else:
        count(f"Job{job.status.capitalize()}")
    if job.credits_debited:
        count("CreditsSpent", job.credits_debited)


def stop_at_vendor(engine: Engine, job: Job) -> bool:
    """Cancels the job's task at its vendor; returns whether the vendor has stopped it."""
    if job.provider == BUILTIN or job.task is None:
        return False
    try:
        return engine.provider(job.provider).cancel(job.task)
    except ProviderError:
        logger().warning("a vendor did not cancel", job_id=job.job_id, provider=job.provider)
        return False


def _ended(engine: Engine, job: Job) -> Job:
    """Ends the job; captures its credits unless that was done on acceptance, or it is free."""
    if not job.delivery.is_stored:
        return end(engine, job, "failed", job.error_code or INTERNAL)
    if job.credits_debited or not job.credits:
        return end(engine, job, "completed", None)
    return end_paid(engine, job, "completed", None, job.credits)


def _close_own_hold(engine: Engine, job: Job) -> None:
    if not (job.own_hold and job.credits):
        return
    outcome: Literal["posted", "voided"] = "posted" if job.credits_debited else "voided"
    try:
        engine.ledger.close(job.workspace_id, job.hold_id, outcome)
    except HoldClosed as error:
        logger().error("a hold had another end", job_id=job.job_id, outcome=error.outcome)
        count("LedgerError", step="close")
