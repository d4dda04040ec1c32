"""The step CompileVideo: joins every clip that was made; only the sound is encoded.

The film is uploaded under the run's own file ids and published by the next step, so a repeated
compile writes the same objects again and nothing else.
"""

from functools import partial

from showreel.assembly.film import compile_spec, upload_film
from showreel.assembly.models import FilmFiles, FilmSpec, NormalisedPiece, TransitionPiece
from showreel.assembly.workfiles import workdir
from showreel.core.errors import Conflict, MediaError
from showreel.films.pipeline import context, progress
from showreel.films.pipeline.kept import without_lost
from showreel.films.pipeline.load_project import set_project_status
from showreel.films.pipeline.pieces import PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.projects.models import ProjectStatus
from showreel.music.library import open_track
from showreel.runs.models import Run
from showreel.runs.progress import in_steps

BUCKET = "final-videos"
COMPILING_FROM: tuple[ProjectStatus, ...] = ("generating", "compiling")


def compile_video(run_id: str) -> FilmFiles:
    """Joins all clips that were made to the film, and uploads it.

    Raises Conflict `clips_failed` if no clip was made, or one is missing and a partial film isn't
    allowed; MediaError for a file that can't be used, whose code is noted on the run.
    """
    run, store = context.runs().get(run_id), context.pieces(run_id)
    plan = store.plan()
    pieces = without_lost(plan, store.all(plan))
    kept = _kept(run, plan, pieces)
    set_project_status(run, COMPILING_FROM, "compiling")
    compiling = in_steps(partial(progress.compiling, run_id))
    with workdir() as directory:
        try:
            film = compile_spec(_spec(plan, pieces, kept), directory, compiling)
        except MediaError as error:
            progress.note_failure(run_id, error.code)
            raise
        progress.uploading(run_id)
        return upload_film(film, plan.files.keys(BUCKET))


def _kept(run: Run, plan: FilmPlan, pieces: dict[str, PieceRow]) -> dict[int, NormalisedPiece]:
    """Returns the clips that were made, by index. Raises Conflict `clips_failed`."""
    made = ((clip.index, pieces[piece_name("clip", clip.index)].normalised) for clip in plan.clips)
    kept = {index: clip for index, clip in made if clip is not None}
    partial = len(kept) < len(plan.clips)
    if not kept or (partial and not run.options.get("allow_partial", True)):
        raise Conflict("Not enough clips could be made", code="clips_failed")
    return kept


def _spec(
    plan: FilmPlan, pieces: dict[str, PieceRow], kept: dict[int, NormalisedPiece]
) -> FilmSpec:
    track = plan.music_track_id
    return FilmSpec(
        profile=plan.profile,
        pieces=tuple(kept.values()),
        transitions=tuple(
            _transition(pieces[piece_name("transition", index)]) if index + 1 in kept else None
            for index in list(kept)[:-1]
        ),
        native_audio=plan.native_audio,
        music=open_track(track, plan.workspace_id) if track is not None else None,
        music_volume=plan.music_volume,
        title=plan.title,
        logo_key=plan.logo_key,
    )


def _transition(piece: PieceRow) -> TransitionPiece | None:
    """Returns what was rendered between two clips; None for a cut."""
    if piece.normalised is None or piece.transition_type == "cut":
        return None
    seamless = piece.transition_type == "seamless"
    return TransitionPiece("generated" if seamless else "crossfade", piece.normalised)
