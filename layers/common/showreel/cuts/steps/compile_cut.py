"""The step CompileCut: joins pieces by copying; only the sound is encoded.

The film is uploaded under the export's own file ids and published by the next step, so a repeated
compile writes the same objects again and nothing else.
"""

from collections.abc import Mapping
from functools import partial

from pydantic import BaseModel

from showreel.assembly.film import compile_spec, upload_film
from showreel.assembly.models import FilmSpec, NormalisedPiece, Speech, TransitionPiece
from showreel.assembly.workfiles import workdir
from showreel.assets.service import storage
from showreel.core.errors import Conflict, InvalidInput, MediaError
from showreel.cuts import context, progress
from showreel.cuts.captions import sub_rip, web_vtt
from showreel.cuts.exports import BUCKET, ExportPlan
from showreel.cuts.kind import files_of
from showreel.cuts.remote import is_asked
from showreel.cuts.steps.make_piece import render_transition
from showreel.music.library import TrackSource, open_track
from showreel.runs.progress import in_steps

CAPTIONS = (("vtt_key", "text/vtt", web_vtt), ("srt_key", "application/x-subrip", sub_rip))
"""The caption files: attribute in the row, content type, writer."""


class CompiledCut(BaseModel):
    """The step's result: whether another renderer is to make the picture."""

    is_remote: bool


def compile_cut(job_id: str) -> CompiledCut:
    """Makes the film and its caption files, and uploads them. Raises MediaError for a file that
    can't be used, whose code is noted on the run; Conflict `piece_missing`, Transient.
    """
    store = context.exports()
    plan, pieces = store.plan(job_id), store.pieces(job_id)
    if len(pieces) < len(plan.cut.clips):
        raise Conflict("Not every piece was made", code="piece_missing")
    compiling = in_steps(partial(progress.compiling, job_id))
    with workdir() as directory:
        try:
            film = compile_spec(_spec(plan, pieces), directory, compiling)
        except MediaError as error:
            progress.note_failure(job_id, error.code, "The cut could not be joined")
            raise
        progress.uploading(job_id)
        upload_film(film, plan.files.keys(BUCKET))
        _upload_captions(plan)
    return CompiledCut(is_remote=is_asked(plan.cut))


def _upload_captions(plan: ExportPlan) -> None:
    files = files_of(plan)
    for name, kind, write in CAPTIONS:
        if name in files:
            storage().put(files[name], write(plan.cut).encode(), kind)


def _spec(plan: ExportPlan, pieces: Mapping[int, NormalisedPiece]) -> FilmSpec:
    cut = plan.cut
    return FilmSpec(
        profile=cut.profile,
        pieces=tuple(pieces[clip.index] for clip in cut.clips),
        transitions=tuple(
            None
            if transition.kind == "cut"
            else TransitionPiece("crossfade", render_transition(cut, transition.index, pieces))
            for transition in cut.transitions
        ),
        native_audio=cut.settings.include_audio,
        music=_music(plan),
        music_volume=cut.music.volume if cut.music else 0,
        title=None,
        logo_key=None,
        gains=tuple(clip.volume / 100 for clip in cut.clips),
        speeches=tuple(
            Speech(speech.key, speech.start, speech.frames, speech.volume / 100)
            for speech in cut.speeches
        ),
    )


def _music(plan: ExportPlan) -> TrackSource | None:
    """Returns where the music's sound is, None without music. Raises MediaError `music_missing`."""
    music = plan.cut.music
    if music is None:
        return None
    try:
        return open_track(music.track_id, plan.workspace_id)
    except InvalidInput as error:
        raise MediaError("The music is gone", code="music_missing") from error
