"""The film: its pieces downloaded at once, joined by copying, and stored with its pictures."""

from collections.abc import Callable
from pathlib import Path

from showreel.assembly.models import SOUND, VIDEO, FilmFiles, FilmKeys, FilmSpec, Transition
from showreel.assembly.workfiles import download, upload
from showreel.media.compile import CompiledFilm, OnShare, compile_film
from showreel.media.plan import Clip, FilmPlan, RenderedTransition, TransitionKind
from showreel.media.title import Title

TRANSITIONS = {"crossfade": TransitionKind.CROSSFADE, "generated": TransitionKind.AI}


def compile_spec(spec: FilmSpec, directory: Path, on_progress: OnShare) -> CompiledFilm:
    """Makes the film in `directory`; only its sound and a title are encoded.

    Raises MediaError `media_mismatch` for pieces of another profile, NotFound for missing ones.
    """
    wanted: dict[Path, str] = {}

    def local(key: str) -> Path:
        wanted[directory / key] = key
        return directory / key

    plan = FilmPlan(
        profile=spec.profile,
        clips=tuple(
            Clip(
                video=local(piece.key(VIDEO)),
                frames=piece.frames,
                sound=local(piece.key(SOUND)) if spec.native_audio and piece.has_sound else None,
            )
            for piece in spec.pieces
        ),
        transitions=tuple(_transition(transition, local) for transition in spec.transitions),
    )
    music = spec.music.path if spec.music else None
    if spec.music and spec.music.key:
        music = local(spec.music.key)
    logo = local(spec.logo_key) if spec.logo_key else None
    download(wanted)
    return compile_film(
        plan,
        directory,
        music=music,
        music_volume=spec.music_volume,
        title=Title(text=spec.title, logo=logo) if spec.title is not None or logo else None,
        on_progress=on_progress,
    )


def _transition(transition: Transition | None, local: Callable[[str], Path]) -> RenderedTransition:
    if transition is None:
        return RenderedTransition()
    piece = transition.piece
    return RenderedTransition(
        kind=TRANSITIONS[transition.kind], video=local(piece.key(VIDEO)), frames=piece.frames
    )


def upload_film(film: CompiledFilm, keys: FilmKeys) -> FilmFiles:
    """Stores the film, its poster and its contact sheet; the same keys again are overwritten."""
    paths = (film.path, film.poster, film.contact_sheet)
    upload(dict(zip((keys.film_key, keys.poster_key, keys.contact_sheet_key), paths, strict=True)))
    return FilmFiles(
        **keys.model_dump(), duration_seconds=film.duration_seconds, frames=film.frames
    )
