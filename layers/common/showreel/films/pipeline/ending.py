"""The one way out of a run, whoever takes it: the pipeline's last step, its clean-up, a cancel, the
reconciler. Every part may happen again and does nothing the second time.

    1. the run's unfinished jobs are stopped, so that no more can be captured
    2. the hold is closed: what was delivered is posted, the rest returns
    3. run and project are written together, terminal once
    4. the slot is free, the next run starts
"""

from typing import Any

from showreel.core.aws import client
from showreel.core.clock import seconds_since
from showreel.core.errors import ConditionFailed, Conflict
from showreel.core.observability import count, measure
from showreel.films.pipeline import context
from showreel.films.pipeline.dispatch import dispatch, execution_arn
from showreel.films.pipeline.outcome import Ending, Outcome
from showreel.films.pipeline.plan import Plan
from showreel.generation.service import cancel_job
from showreel.runs.models import Progress, Run, RunCredits, RunError

GONE_CODES = frozenset({"ExecutionDoesNotExist", "InvalidArn", "ValidationException"})
CANCELED = Ending("canceled", "Canceled")
TIMED_OUT = Ending("timed_out", "Timed out", RunError(code="timed_out", message="Timed out"))


def failed(code: str, message: str) -> Ending:
    """An ending without a film."""
    return Ending("failed", message, RunError(code=code, message=message))


def end_run(run_id: str, ending: Ending, function_arn: str) -> Run:
    """Ends the run unless it is over, and frees its slot either way. Returns it as it is then."""
    run = context.runs().get(run_id)
    if not run.is_over:
        plan = context.pieces(run_id).plan()
        if ending.status != "completed":
            _stop_jobs(plan, function_arn)
        run = _settle(run, plan, ending)
    context.queue().leave(run_id)
    dispatch(function_arn)
    return run


def cancel_run(run_id: str, function_arn: str) -> Run:
    """Cancels a run: finished clips are kept and paid, the rest returns.

    Raises Conflict `run_over` if it ended in another way before.
    """
    run = context.runs().change(run_id, _ask_to_cancel)
    if not run.is_over:
        stop_execution(run_id, function_arn)
    run = end_run(run_id, CANCELED, function_arn)
    if run.status != "canceled":
        raise Conflict(f"The run is already {run.status}", code="run_over")
    return run


def _ask_to_cancel(run: Run) -> dict[str, Any] | None:
    return None if run.cancel_requested else {"cancel_requested": True}


def stop_execution(run_id: str, function_arn: str) -> None:
    """Stops the run's execution; one that ended or never began is fine."""
    from botocore.exceptions import ClientError

    try:
        client("stepfunctions").stop_execution(executionArn=execution_arn(run_id, function_arn))
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE_CODES:
            raise


def _stop_jobs(plan: Plan, function_arn: str) -> None:
    """Stops every job that the run may have started; those that are over stay as they are."""
    for job_id in plan.job_ids():
        cancel_job(job_id, function_arn)


def _settle(run: Run, plan: Plan, ending: Ending) -> Run:
    if run.hold_id:
        context.ledger().close(run.workspace_id, run.hold_id, "posted")
    outcome = Outcome(run, plan, context.pieces(run.id).all(plan), ending)
    ended = _write(outcome, _credits(run))
    if not plan.draft:
        _reset_clips(outcome)
    _count(ended)
    return ended


def _count(run: Run) -> None:
    """How it ended, and how long a film took from its order to its end, waiting included."""
    count("FilmEnded", status=run.status)
    if run.status == "completed":
        measure("FilmSeconds", seconds_since(run.created_at), "Seconds")


def _write(outcome: Outcome, money: RunCredits) -> Run:
    """Run and project in one transaction; a project deleted meanwhile gets nothing."""
    ending, plan, runs = outcome.ending, outcome.plan, context.runs()

    def change(run: Run) -> dict[str, Any]:
        percent = 100 if ending.status == "completed" else run.progress.progress
        progress = Progress(
            step=ending.status, label=ending.label, total_clips=len(plan.clips), progress=percent
        )
        changes = {"status": ending.status, "progress": progress, "credits": money}
        return changes | {"error": ending.error, "output": outcome.output()}

    project = context.films().run_write(
        plan.project_id, plan.run_id, outcome.project_status(), outcome.project_attributes()
    )
    try:
        return runs.change(plan.run_id, change, with_writes=lambda _: [project])
    except ConditionFailed:
        return runs.change(plan.run_id, change)


def _credits(run: Run) -> RunCredits:
    hold = context.ledger().find_hold(run.workspace_id, run.hold_id) if run.hold_id else None
    if hold is None:
        return RunCredits()
    return RunCredits(held=hold.amount, posted=hold.captured, released=hold.amount - hold.captured)


def _reset_clips(outcome: Outcome) -> None:
    """Clips that the run left unfinished wait for the next one."""
    for planned, clip in zip(outcome.plan.clips, outcome.clips(), strict=True):
        if not clip.is_over:
            context.films().set_clip(outcome.plan.project_id, planned.id, status="pending")
