"""Use cases of `project-auto-generate`: begin a run, look at it."""

from showreel.assets.keys import public_url
from showreel.edge.paging import page_of_indexes
from showreel.generation.engine import jobs
from showreel.identity import Caller
from showreel.runs.claims import Key
from showreel.runs.models import Run
from showreel.runs.service import own_run
from showreel.storyboards.access import require_project
from showreel.storyboards.batch import context
from showreel.storyboards.batch.kind import batches
from showreel.storyboards.batch.models import MEDIA, BatchPlan, ShotResult
from showreel.storyboards.batch.schemas import (
    AutoGenerate,
    BatchShot,
    BatchStatus,
    Queued,
    SkippedShot,
)
from showreel.storyboards.batch.selection import Selection, select
from showreel.storyboards.batch.start import BatchOrder, Started, concurrency_of, start
from showreel.storyboards.batch.view import counts_of
from showreel.storyboards.generations.choice import choose

ROUTE = "project-auto-generate"
BEGUN, MET = "Generation has been queued", "Generation is already running"
NOTHING, DRY = "There is nothing to generate", "Nothing was queued: this is a dry run"


def order_of(caller: Caller, request: AutoGenerate) -> BatchOrder:
    """Returns the order. Raises NotFound, then as `choose`."""
    project = require_project(caller, request.project_id)
    choice = choose(project, MEDIA[request.phase], request.model, request.model_field)
    return BatchOrder(project, request.phase, choice, caller.user_id)


def queue(
    order: BatchOrder, request: AutoGenerate, key: str | None, base_url: str, function_arn: str
) -> Queued:
    """Begins a run unless there is one, or returns what one would make. Raises as `start`."""
    if request.dry_run:
        chosen = select(order.project, order.phase, order.choice, is_busy=False)
        return _queued(order, Started(None, chosen), base_url, is_dry=True)
    scope = (order.project.workspace_id, ROUTE)
    claimed = None if key is None else Key((*scope, key), request.digest)
    return _queued(order, start(order, base_url, function_arn, claimed), base_url)


def look(
    caller: Caller, run_id: str, limit: int, cursor: str | None, function_arn: str
) -> BatchStatus:
    """Returns the run, with a page of its shots. Raises NotFound, InvalidInput."""
    run = own_run(batches(function_arn), caller, run_id)
    plan = context.rows(run.id).plan()
    indexes, following = page_of_indexes(f"{run.id} shots", len(plan.shot_ids), limit, cursor)
    results = context.rows(run.id).some(indexes)
    return BatchStatus(
        run_id=run.id,
        project_id=plan.project_id,
        phase=plan.phase,
        status=run.status,
        model=plan.model,
        progress=run.progress.progress,
        total=len(plan.shot_ids),
        **counts_of(run).model_dump(include={"completed", "failed", "skipped", "canceled"}),
        estimated_credits=plan.estimated_credits,
        credits_used=counts_of(run).credits,
        concurrency=_now_at_once(run, plan),
        code=run.error.code if run.error else None,
        error=run.error.message if run.error else None,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        shots=[_shot(plan, run, index, results.get(index)) for index in indexes],
        next_cursor=following,
    )


def _queued(order: BatchOrder, started: Started, base_url: str, *, is_dry: bool = False) -> Queued:
    selection, run_id = started.selection, started.run_id
    begun = BEGUN if started.is_new else MET if run_id else NOTHING
    return Queued(
        run_id=run_id,
        project_id=order.project.id,
        phase=order.phase,
        queued=len(selection.shot_ids),
        skipped=_skipped(selection),
        skipped_total=selection.skipped_total,
        estimated_credits=selection.estimated_credits,
        concurrency=concurrency_of(order.phase),
        model=order.choice.model.id,
        fallback_reason=order.choice.reason,
        dry_run=is_dry,
        status_url=f"{base_url}/functions/v1/{ROUTE}?run_id={run_id}" if run_id else None,
        message=DRY if is_dry else begun,
    )


def _skipped(selection: Selection) -> list[SkippedShot]:
    return [SkippedShot(shot_id=one, reason=reason) for one, reason in selection.skipped]


def _shot(plan: BatchPlan, run: Run, index: int, result: ShotResult | None) -> BatchShot:
    if result is None:
        return BatchShot(shot_id=plan.shot_ids[index], status="pending")
    url = public_url(run.public_base_url, result.key) if result.key else None
    shown = result.model_dump(include={"shot_id", "status", "reason", "job_id", "credits"})
    return BatchShot(**shown, url=url)


def _now_at_once(run: Run, plan: BatchPlan) -> int:
    """Returns how many shots may be at the vendor now."""
    return (
        plan.concurrency if run.is_over else jobs().lanes.state(run.id).places or plan.concurrency
    )
