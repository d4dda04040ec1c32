"""Finishing pieces: what arrived is brought to the film's format, right here, in parallel.

A piece that can't be used fails alone: the film goes on without a clip, and a transition becomes a
crossfade. Each ends by claiming the next joint for its Map iteration.
"""

from showreel.core.errors import MediaError
from showreel.films.pipeline import context
from showreel.films.pipeline.joints import become_cut, claim_next
from showreel.films.pipeline.pieces import Piece
from showreel.films.pipeline.plan import Plan
from showreel.films.pipeline.progress import piece_finished
from showreel.films.pipeline.steps import FinishTask, JobResult, NextPiece, PieceTask

LOST = JobResult(status="failed", error_code="internal_error")


def finish_clip(task: FinishTask) -> NextPiece:
    """Normalises a clip, or records why there is none, and claims the next joint."""
    plan = context.pieces(task.run_id).plan()
    _finish(plan, _made_clip(plan, task.index, task.job or LOST))
    return claim_next(plan, task.owner)


def finish_joint(task: FinishTask) -> NextPiece:
    """Trims a transition, or renders the crossfade in its place, and claims the next joint."""
    plan = context.pieces(task.run_id).plan()
    _finish(plan, _made_joint(plan, task.index, task.job))
    return claim_next(plan, task.owner)


def skip_piece(task: PieceTask) -> NextPiece:
    """Gives a piece up whose steps themselves can't go on, so that the rest of the film can."""
    store = context.pieces(task.run_id)
    plan = store.plan()
    if task.kind == "joint":
        joint = store.all(plan)[f"joint#{task.index:02d}"]
        become_cut(store, plan, joint, "internal_error")
    else:
        _finish(plan, _failed_clip(task.index, LOST))
    return claim_next(plan, task.owner)


def _finish(plan: Plan, piece: Piece) -> None:
    context.pieces(plan.run_id).finish(piece)
    _update_project(plan, piece)
    piece_finished(plan, piece)


def _failed_clip(index: int, job: JobResult) -> Piece:
    return Piece(
        kind="clip",
        index=index,
        status="failed",
        job_id=job.job_id,
        credits=job.credits,
        cost_cents=job.cost_cents,
        reason=job.error_code or "provider_error",
    )


def _made_clip(plan: Plan, index: int, job: JobResult) -> Piece:
    if job.status != "completed" or job.output_key is None:
        return _failed_clip(index, job)
    try:
        manifest = _normalise(plan, index, job.output_key)
    except MediaError as error:
        return _failed_clip(index, job.model_copy(update={"error_code": error.code}))
    return Piece(
        kind="clip",
        index=index,
        status="done",
        job_id=job.job_id,
        asset_key=job.output_key,
        manifest=manifest,
        reused=job.reused,
        credits=job.credits,
        cost_cents=job.cost_cents,
    )
