"""Finishes pieces: normalises what the jobs delivered, in parallel.

A piece that can't be used fails alone: the film goes on without a clip, and a transition becomes a
crossfade.
"""

from typing import Any

from showreel.assembly.models import VideoSource
from showreel.assembly.pieces import normalise
from showreel.assembly.transitions import normalise_generated, render_crossfade
from showreel.core.errors import MediaError, NotFound
from showreel.films.pipeline import context, kept
from showreel.films.pipeline.pieces import PieceKind, PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.pipeline.steps import (
    FinishClipTask,
    FinishTransitionTask,
    JobResult,
    SkipTask,
)
from showreel.films.pipeline.transitions import become_cut, go_on

LOST = JobResult(status="failed", error_code="internal_error")


def finish_clip(task: FinishClipTask) -> None:
    """Normalises a clip, or records why there is none; then its iteration goes on."""
    plan = context.pieces(task.run_id).plan()
    kept.finish(plan, _made_clip(plan, task.index, task.job or LOST))
    go_on(plan, task.index, task.token)


def finish_transition(task: FinishTransitionTask) -> None:
    """Trims a transition, or renders the crossfade in its place."""
    plan = context.pieces(task.run_id).plan()
    kept.finish(plan, _made_transition(plan, task.index, task.job))


def skip_piece(task: SkipTask) -> None:
    """Gives up a piece whose own steps have failed, so that the rest of the film goes on."""
    store = context.pieces(task.run_id)
    plan = store.plan()
    if task.kind == "transition":
        transition = store.all(plan)[piece_name("transition", task.index)]
        become_cut(store, plan, transition, "internal_error")
    else:
        kept.finish(plan, _failed_clip(task.index, LOST))
    if task.token:
        go_on(plan, task.index, task.token)


def _piece(kind: PieceKind, index: int, job: JobResult, **what: Any) -> PieceRow:
    paid = {"job_id": job.job_id, "credits": job.credits_debited, "cost_cents": job.cost_cents}
    return PieceRow(kind=kind, index=index, **paid, **what)


def _failed_clip(index: int, job: JobResult) -> PieceRow:
    """Returns a failed clip. Its file is kept even if it can't be used: it was paid for."""
    failed = {"status": "failed", "reason": job.error_code or "provider_error"}
    return _piece("clip", index, job, asset_key=job.output_key, **failed)


def _made_clip(plan: FilmPlan, index: int, job: JobResult) -> PieceRow:
    if job.status != "completed" or job.output_key is None:
        return _failed_clip(index, job)
    clip = plan.clips[index]
    source = VideoSource(asset_key=job.output_key, seconds=plan.clip_seconds(clip), fit=clip.fit)
    try:
        normalised = normalise(source, plan.profile)
    except (MediaError, NotFound) as error:
        return _failed_clip(index, _unusable(job, error))
    made = {"asset_key": job.output_key, "normalised": normalised, "reused": job.reused}
    return _piece("clip", index, job, status="done", **made)


def _unusable(job: JobResult, error: MediaError | NotFound) -> JobResult:
    """Returns the job's result with the error's code, and without a file if that is gone."""
    if isinstance(error, NotFound):
        return job.model_copy(update={"error_code": "media_missing", "output_key": None})
    return job.model_copy(update={"error_code": error.code})


def _made_transition(plan: FilmPlan, index: int, job: JobResult | None) -> PieceRow:
    """Returns the generated transition, or a crossfade if it can't be used or none was made."""
    if job is None:
        return _crossfade(plan, index, JobResult(), None)
    code = job.error_code or "provider_error"
    if job.status != "completed" or job.output_key is None:
        return _crossfade(plan, index, job, code)
    try:
        normalised = normalise_generated(job.output_key, plan.profile)
    except (MediaError, NotFound) as error:
        unusable = _unusable(job, error)
        return _crossfade(plan, index, unusable, unusable.error_code)
    made = {"asset_key": job.output_key, "normalised": normalised, "reused": job.reused}
    return _piece("transition", index, job, status="done", transition_type="seamless", **made)


def _crossfade(plan: FilmPlan, index: int, job: JobResult, reason: str | None) -> PieceRow:
    before, after = context.pieces(plan.run_id).neighbours(index)
    normalised = render_crossfade(before, after, plan.profile)
    crossfade = {"transition_type": "crossfade", "normalised": normalised, "reason": reason}
    paid = {"asset_key": job.output_key}
    return _piece("transition", index, job, status="done", **paid, **crossfade)
