"""A film's progress, 10 to 70 by finished pieces, 70 to 90 by FFmpeg; it never falls."""

from typing import Any

from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.runs.models import Progress, Run
from showreel.runs.progress import forwards
from showreel.runs.store import Change


def piece_finished(plan: FilmPlan, piece: PieceRow) -> None:
    """Adds a finished piece to the progress, once, with a label."""
    context.runs().change(plan.run_id, _finished(plan, piece))


def _finished(plan: FilmPlan, piece: PieceRow) -> Change:
    name = piece_name(piece.kind, piece.index)

    def change(run: Run) -> dict[str, Any] | None:
        before = run.state["pieces_done"]
        if name in before:
            return None
        done = [*before, name]
        percent = 10 + 60 * len(done) // max(plan.pieces_total, len(done))
        progress = Progress(
            step="generating",
            label=_label(plan, piece),
            clip_index=piece.index + 1,
            total_clips=len(plan.clips),
            progress=percent,
        )
        return {"state": {**run.state, "pieces_done": done}, "progress": progress}

    return change


def _label(plan: FilmPlan, piece: PieceRow) -> str:
    clip = plan.clips[piece.index]
    if piece.kind == "clip":
        outcome = {"done": "is ready", "failed": "could not be made"}.get(piece.status, "")
        return f"{clip.label}: the clip {'is reused' if piece.reused else outcome}"
    following = plan.clips[piece.index + 1]
    kind = {"seamless": "transition", "crossfade": "crossfade", "cut": "cut"}[piece.transition_type]
    return f"{clip.label} to {following.label}: {kind}"


def compiling(run_id: str, share: float) -> None:
    """Sets the progress while FFmpeg joins the film; `share` is the part that is done, 0 to 1."""
    step = Progress(step="compiling", label="Joining the film", progress=70 + int(20 * share))
    context.runs().change(run_id, forwards(step))


def uploading(run_id: str) -> None:
    """Sets the progress to 95: the film is made and being published."""
    step = Progress(step="uploading", label="Publishing the film", progress=95)
    context.runs().change(run_id, forwards(step))


def note_failure(run_id: str, code: str) -> None:
    """Stores the code of a failure; `FilmRuns.failure` reads it when ReleaseRun ends the run."""
    context.runs().change(run_id, lambda run: {"state": {**run.state, "failure": code}})
