"""The step MakePiece: normalises a clip, then renders each transition whose two clips exist.
Pieces of the same content from any export are reused.

    a clip's row is written → its neighbours' rows are read → the transition is claimed and rendered

Each step does these in that order, so the second of two neighbours always sees the first.
"""

from collections.abc import Mapping
from contextlib import suppress

from showreel.assembly.models import NormalisedPiece, Still, VideoSource
from showreel.assembly.pieces import OnFrames, normalise
from showreel.assembly.stills import move_over
from showreel.assembly.transitions import render_crossfade
from showreel.core.errors import Conflict, MediaError, NotFound
from showreel.cuts import context, progress
from showreel.cuts.ahead import is_wanted
from showreel.cuts.captions import cues_of_clip, cues_of_transition
from showreel.cuts.makers import lease
from showreel.cuts.models import ExportTransitionKind
from showreel.cuts.plan import CutClip, CutPlan
from showreel.cuts.progress import now_and_then
from showreel.cuts.steps.events import ClipTask
from showreel.media.cues import InFilm
from showreel.media.transition import BuiltInTransition

TRANSITIONS: Mapping[ExportTransitionKind, BuiltInTransition] = {
    "crossfade": "fade",
    "dissolve": "dissolve",
}
"""FFmpeg's name for each transition that isn't a cut."""


def make_piece(task: ClipTask) -> None:
    """Makes a clip and its transitions. Raises MediaError for a file that can't be used, whose code
    is noted on the run; Conflict `run_over`, Transient.
    """
    export = context.exports().plan(task.run_id)
    plan, clip = export.cut, export.cut.clips[task.index]
    if export.is_ahead:
        if is_wanted(export):
            with suppress(MediaError, NotFound):  # an export will report it
                _make(task, plan, clip, lambda _frames: None)
        return
    run = context.runs().get(task.run_id)
    if run.is_over or run.cancel_requested:
        raise Conflict("The run is over", code="run_over")
    try:
        _make(task, plan, clip, progress.piece_reporter(task.run_id, plan, clip))
    except (MediaError, NotFound) as error:
        code = error.code if isinstance(error, MediaError) else "media_missing"
        what = f"The {clip.kind} of scene {clip.scene_number}, shot {clip.shot_number}"
        progress.note_failure(task.run_id, code, f"{what} can't be used")
        raise MediaError(f"{what} can't be used", code=code) from error
    progress.piece_finished(task.run_id, plan, clip)


def _make(task: ClipTask, plan: CutPlan, clip: CutClip, on_frames: OnFrames) -> None:
    """Makes the clip, while no other maker does, and its transitions."""
    with lease(plan, clip, f"{task.run_id}#{task.index}") as mine:

        def report(frames: int) -> None:
            mine.renew()
            on_frames(frames)

        piece = _piece(plan, clip, now_and_then(report))
    context.exports().keep_piece(task.run_id, clip.index, piece)
    for index in (clip.index - 1, clip.index):
        _make_transition(task, plan, index)


def _piece(plan: CutPlan, clip: CutClip, report: OnFrames) -> NormalisedPiece:
    profile = plan.profile
    seconds = profile.seconds(clip.frames)
    in_film = InFilm(cuts=clip.cuts, captions=cues_of_clip(plan, clip))
    if clip.kind == "image":
        still = Still(
            asset_key=clip.key,
            seconds=seconds,
            fit=clip.fit,
            prompt=clip.camera,
            in_film=in_film,
        )
        return move_over(still, profile, report)
    source = VideoSource(
        asset_key=clip.key,
        seconds=seconds,
        fit=clip.fit,
        start_seconds=clip.in_ms / 1000,
        in_film=in_film,
    )
    return normalise(source, profile, report)


def _make_transition(task: ClipTask, plan: CutPlan, index: int) -> None:
    """Renders the transition after clip `index`, unless it is a cut, one of its clips isn't made
    yet, or the other clip's step renders it.
    """
    if not 0 <= index < len(plan.transitions) or plan.transitions[index].kind == "cut":
        return
    store = context.exports()
    pieces = store.pieces(task.run_id)
    if {index, index + 1} <= pieces.keys() and store.claim_transition(
        task.run_id, index, task.index
    ):
        render_transition(plan, index, pieces)


def render_transition(
    plan: CutPlan, index: int, pieces: Mapping[int, NormalisedPiece]
) -> NormalisedPiece:
    """Returns the transition after clip `index`: an earlier one, else rendered now."""
    transition = plan.transitions[index]
    return render_crossfade(
        pieces[index],
        pieces[index + 1],
        plan.profile,
        frames=transition.frames,
        kind=TRANSITIONS[transition.kind],
        captions=cues_of_transition(plan, transition),
    )
