"""CompileVideo: what was normalised piece by piece is joined by copying; only the sound is encoded.

The film is uploaded under the run's own file ids and published by the next step, so a repeated
compile writes the same objects again and nothing else.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from showreel.assets.service import storage
from showreel.core.errors import Conflict
from showreel.films.pipeline import context, progress, workfiles
from showreel.films.pipeline.load_project import set_project_status
from showreel.films.pipeline.outcome import FilmFiles
from showreel.films.pipeline.pieces import Piece, PieceKind, piece_name
from showreel.films.pipeline.plan import Plan
from showreel.films.pipeline.render import CLIP, SOUND, TRANSITION
from showreel.films.projects.models import ProjectStatus
from showreel.media.compile import CompiledFilm, compile_film
from showreel.media.normalise import Manifest
from showreel.media.plan import Clip, FilmPlan, Joint, JointKind
from showreel.media.title import Title
from showreel.music.library import open_track
from showreel.runs.models import Run

BUCKET = "final-videos"
DOWNLOADS_AT_ONCE = 8
PROGRESS_STEP = 0.1
COMPILING_FROM: tuple[ProjectStatus, ...] = ("generating", "compiling")


def compile_video(run_id: str) -> FilmFiles:
    """Makes the film of every clip there is. Raises Conflict `clips_failed` without enough."""
    run, plan = context.runs().get(run_id), context.pieces(run_id).plan()
    pieces = context.pieces(run_id).all(plan)
    kept = _kept(run, plan, pieces)
    set_project_status(run, COMPILING_FROM, "compiling")
    progress.compiling(run_id, 0.0)
    with workfiles.workdir() as directory:
        _download(plan, pieces, kept, directory)
        film = compile_film(
            _film_plan(plan, pieces, kept, directory),
            directory,
            music=_music(plan, directory),
            music_volume=plan.music_volume,
            title=_title(plan, directory),
            on_progress=_reporter(run_id),
        )
        progress.uploading(run_id)
        return _upload(plan, film)


def _kept(run: Run, plan: Plan, pieces: dict[str, Piece]) -> list[int]:
    """The clips that the film is made of."""
    kept = [
        clip.index for clip in plan.clips if pieces[piece_name("clip", clip.index)].status == "done"
    ]
    partial = len(kept) < len(plan.clips)
    if not kept or (partial and not run.options.get("allow_partial", True)):
        raise Conflict("Not enough clips could be made", code="clips_failed")
    return kept


def _download(plan: Plan, pieces: dict[str, Piece], kept: list[int], directory: Path) -> None:
    wanted: list[tuple[PieceKind, int, str]] = []
    for index in kept:
        wanted.append(("clip", index, CLIP))
        if _is_audible(plan, pieces[piece_name("clip", index)]):
            wanted.append(("clip", index, SOUND))
        if _transition_between(pieces, index, kept) is not None:
            wanted.append(("transition", index, TRANSITION))

    def fetch(one: tuple[PieceKind, int, str]) -> None:
        kind, index, name = one
        prefix = workfiles.piece_prefix(plan.run_id, kind, index)
        workfiles.download(prefix, directory / f"{kind}-{index}", name)

    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        list(pool.map(fetch, wanted))


def _transition_between(pieces: dict[str, Piece], index: int, kept: list[int]) -> Piece | None:
    """The rendered transition after clip `index`, if both its neighbours are kept."""
    transition = pieces.get(piece_name("transition", index))
    if transition is None or transition.manifest is None or index + 1 not in kept:
        return None
    return transition if transition.transition_type != "cut" else None


def _film_plan(plan: Plan, pieces: dict[str, Piece], kept: list[int], directory: Path) -> FilmPlan:
    clips = tuple(_clip(plan, pieces[piece_name("clip", i)], directory) for i in kept)
    transitions = tuple(
        _transition(_transition_between(pieces, i, kept), directory) for i in kept[:-1]
    )
    return FilmPlan(profile=workfiles.profile(plan), clips=clips, joints=transitions)


def _clip(plan: Plan, piece: Piece, directory: Path) -> Clip:
    manifest, files = Manifest.model_validate(piece.manifest), directory / f"clip-{piece.index}"
    sound = files / SOUND if _is_audible(plan, piece) else None
    return Clip(video=files / CLIP, frames=manifest.frames, sound=sound)


def _is_audible(plan: Plan, piece: Piece) -> bool:
    """Whether the clip has sound of its own that the film wants."""
    return plan.native_audio and Manifest.model_validate(piece.manifest).has_native_audio


def _transition(piece: Piece | None, directory: Path) -> Joint:
    if piece is None:
        return Joint()
    kind = JointKind.AI if piece.transition_type == "seamless" else JointKind.CROSSFADE
    frames = Manifest.model_validate(piece.manifest).frames
    return Joint(
        kind=kind, video=directory / f"transition-{piece.index}" / TRANSITION, frames=frames
    )


def _music(plan: Plan, directory: Path) -> Path | None:
    if plan.music_track_id is None:
        return None
    source = open_track(plan.music_track_id, plan.workspace_id)
    if source.path is not None or source.key is None:
        return source.path
    path = directory / f"music{Path(source.key).suffix}"
    storage().get_file(source.key, path)
    return path


def _title(plan: Plan, directory: Path) -> Title | None:
    """The title card over the film's first seconds, if there is one to show."""
    if plan.title is None and plan.logo_key is None:
        return None
    logo = directory / "logo.jpg" if plan.logo_key else None
    if plan.logo_key and logo:
        storage().get_file(plan.logo_key, logo)
    return Title(text=plan.title, logo=logo)


def _reporter(run_id: str) -> Callable[[float], None]:
    """Writes progress in steps of a tenth: each is an event that every watcher gets."""
    told = 0.0

    def report(share: float) -> None:
        nonlocal told
        if share >= told + PROGRESS_STEP:
            told = share
            progress.compiling(run_id, min(share, 1.0))

    return report


def _upload(plan: Plan, film: CompiledFilm) -> FilmFiles:
    files = FilmFiles(
        film_key=f"{BUCKET}/{plan.files.film}.mp4",
        poster_key=f"{BUCKET}/{plan.files.poster}.jpg",
        contact_sheet_key=f"{BUCKET}/{plan.files.contact_sheet}.jpg",
        duration_seconds=film.duration_seconds,
        frames=film.frames,
    )
    storage().put_file(files.poster_key, film.poster, "image/jpeg")
    storage().put_file(files.contact_sheet_key, film.contact_sheet, "image/jpeg")
    storage().put_file(files.film_key, film.path, "video/mp4")
    return files
