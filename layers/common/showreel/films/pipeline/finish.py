"""Finishing pieces: what arrived is brought to the film's format, right here, in parallel.

A piece that can't be used fails alone: the film goes on without a clip, and a transition becomes a
crossfade.
"""

from typing import Any

from showreel.assembly.models import Source
from showreel.assembly.pieces import normalise
from showreel.assembly.transitions import normalise_generated, render_crossfade
from showreel.core.errors import MediaError, NotFound
from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import PieceKind, PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.pipeline.progress import piece_finished
from showreel.films.pipeline.steps import (
    FinishClipTask,
    FinishTransitionTask,
    JobResult,
    SkipTask,
)
from showreel.films.pipeline.transitions import become_cut, go_on

LOST = JobResult(status="failed", error_code="internal_error")


def finish_clip(task: FinishClipTask) -> None:
    """Normalises a clip, or records why there is none; its iteration then goes on."""
    plan = context.pieces(task.run_id).plan()
    _finish(plan, _made_clip(plan, task.index, task.job or LOST))
    go_on(plan, task.index, task.token)


def finish_transition(task: FinishTransitionTask) -> None:
    """Trims a transition, or renders the crossfade in its place."""
    plan = context.pieces(task.run_id).plan()
    _finish(plan, _made_transition(plan, task.index, task.job))


def skip_piece(task: SkipTask) -> None:
    """Gives a piece up whose steps themselves can't go on, so that the rest of the film can."""
    store = context.pieces(task.run_id)
    plan = store.plan()
    if task.kind == "transition":
        transition = store.all(plan)[piece_name("transition", task.index)]
        become_cut(store, plan, transition, "internal_error")
    else:
        _finish(plan, _failed_clip(task.index, LOST))
    if task.token:
        go_on(plan, task.index, task.token)


def _finish(plan: FilmPlan, piece: PieceRow) -> None:
    context.pieces(plan.run_id).put(piece)
    _tell_project(plan, piece)
    piece_finished(plan, piece)


def _tell_project(plan: FilmPlan, piece: PieceRow) -> None:
    """Notes the piece on its clip's row, for later runs to reuse; of a draft only the file."""
    if piece.asset_key is None and (plan.draft or piece.kind == "transition"):
        return
    clip = plan.clips[piece.index]
    if plan.draft:
        context.films().set_clip(plan.project_id, clip.id, draft_clip_key=piece.asset_key)
        return
    context.films().set_clip(plan.project_id, clip.id, **_attributes(plan, piece))


def _attributes(plan: FilmPlan, piece: PieceRow) -> dict[str, Any]:
    clip = plan.clips[piece.index]
    if piece.kind == "transition":
        return {
            "transition_key": piece.asset_key,
            "transition_next_id": plan.clips[piece.index + 1].id,
            "transition": {"key": _transition_key(plan, piece.index), "asset_key": piece.asset_key},
        }
    if piece.status == "failed":
        return {"status": "failed", "error_message": f"The clip could not be made: {piece.reason}"}
    return {
        "status": "completed",
        "error_message": None,
        "clip_key": piece.asset_key,
        "made": {"key": clip.key, "asset_key": piece.asset_key},
    }


def _transition_key(plan: FilmPlan, index: int) -> str:
    pieces = context.pieces(plan.run_id).all(plan)
    first, second = (pieces[piece_name("clip", index + step)].asset_key or "" for step in (0, 1))
    return plan.transition_key(index, first, second)


def _piece(kind: PieceKind, index: int, job: JobResult, **what: Any) -> PieceRow:
    paid = {"job_id": job.job_id, "credits": job.credits_debited, "cost_cents": job.cost_cents}
    return PieceRow(kind=kind, index=index, **paid, **what)


def _failed_clip(index: int, job: JobResult) -> PieceRow:
    return _piece("clip", index, job, status="failed", reason=job.error_code or "provider_error")


def _made_clip(plan: FilmPlan, index: int, job: JobResult) -> PieceRow:
    if job.status != "completed" or job.output_key is None:
        return _failed_clip(index, job)
    source = Source(asset_key=job.output_key, seconds=plan.clip_seconds(plan.clips[index]))
    try:
        normalised = normalise(source, plan.profile)
    except (MediaError, NotFound) as error:
        return _failed_clip(index, job.model_copy(update={"error_code": _unusable(error)}))
    made = {"asset_key": job.output_key, "normalised": normalised, "reused": job.reused}
    return _piece("clip", index, job, status="done", **made)


def _unusable(error: MediaError | NotFound) -> str:
    return "media_missing" if isinstance(error, NotFound) else error.code


def _made_transition(plan: FilmPlan, index: int, job: JobResult | None) -> PieceRow:
    """Returns the generated transition if there is one that can be used, else a crossfade."""
    if job is None:
        return _crossfade(plan, index, JobResult(), None)
    code = job.error_code or "provider_error"
    if job.status != "completed" or job.output_key is None:
        return _crossfade(plan, index, job, code)
    try:
        normalised = normalise_generated(job.output_key, plan.profile)
    except (MediaError, NotFound) as error:
        return _crossfade(plan, index, job, _unusable(error))
    made = {"asset_key": job.output_key, "normalised": normalised, "reused": job.reused}
    return _piece("transition", index, job, status="done", transition_type="seamless", **made)


def _crossfade(plan: FilmPlan, index: int, job: JobResult, reason: str | None) -> PieceRow:
    before, after = context.pieces(plan.run_id).neighbours(index)
    normalised = render_crossfade(before, after, plan.profile)
    crossfade = {"transition_type": "crossfade", "normalised": normalised, "reason": reason}
    return _piece("transition", index, job, status="done", **crossfade)
