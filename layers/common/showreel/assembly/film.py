"""Makes a film: downloads its pieces, joins them by copying, and stores it with its pictures."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from showreel.assembly.models import SOUND, VIDEO, FilmFiles, FilmKeys, FilmSpec, TransitionPiece
from showreel.assembly.workfiles import download, upload
from showreel.assets.service import asset_rows, storage
from showreel.core.errors import MediaError, NotFound
from showreel.media.compile import CompiledFilm, OnShare, compile_film
from showreel.media.plan import Clip, CompilePlan, RenderedTransition, SoundSpan, TransitionKind
from showreel.media.sound import decode_speech
from showreel.media.title import Title
from showreel.media.wav import samples

TRANSITIONS = {"crossfade": TransitionKind.CROSSFADE, "generated": TransitionKind.AI}


def compile_spec(spec: FilmSpec, directory: Path, on_progress: OnShare) -> CompiledFilm:
    """Makes the film in `directory`; only its sound and a title are encoded.

    Raises MediaError: `media_mismatch` for pieces of another profile, `piece_missing`,
    `music_missing` and `music_invalid`, the same for `logo` and `speech`.
    """
    wanted: dict[Path, str] = {}

    def local(key: str) -> Path:
        wanted[directory / key] = key
        return directory / key

    plan = CompilePlan(
        profile=spec.profile,
        clips=tuple(
            Clip(
                video=local(piece.key(VIDEO)),
                frames=piece.frames,
                sound=local(piece.key(SOUND)) if gain and piece.has_sound else None,
                gain=gain,
            )
            for piece, gain in zip(spec.pieces, _gains(spec), strict=True)
        ),
        transitions=tuple(_transition(transition, local) for transition in spec.transitions),
        speeches=tuple(_speeches(spec, directory)),
    )
    try:
        download(wanted)
    except NotFound as error:
        raise MediaError("A part of the film is gone", code="piece_missing") from error
    music = spec.music.path if spec.music else None
    if spec.music and spec.music.key:
        music = _users_file("music", spec.music.key, directory)
    logo = _users_file("logo", spec.logo_key, directory) if spec.logo_key else None
    return compile_film(
        plan,
        directory,
        music=music,
        music_volume=spec.music_volume,
        title=Title(text=spec.title, logo=logo) if spec.title is not None or logo else None,
        on_progress=on_progress,
    )


def _gains(spec: FilmSpec) -> Sequence[float]:
    """Returns the factor for the volume of each piece's own sound; 0 leaves it out."""
    if not spec.native_audio:
        return [0.0] * len(spec.pieces)
    return spec.gains or [1.0] * len(spec.pieces)


def _speeches(spec: FilmSpec, directory: Path) -> Iterator[SoundSpan]:
    for number, speech in enumerate(spec.speeches):
        given = _users_file("speech", speech.asset_key, directory, f"speech-{number}")
        decoded = directory / f"speech-{number}.wav"
        try:
            voice = decode_speech(given, decoded, samples(spec.profile, speech.frames))
        except MediaError as error:
            raise MediaError("A voice-over can't be used", code="speech_invalid") from error
        yield SoundSpan(
            decoded,
            speech.start,
            speech.frames,
            gain=speech.gain * voice.gain,
            duck_gain=voice.gain,
            peak=voice.peak,
        )


def _transition(
    transition: TransitionPiece | None, local: Callable[[str], Path]
) -> RenderedTransition:
    if transition is None:
        return RenderedTransition()
    piece = transition.piece
    return RenderedTransition(
        kind=TRANSITIONS[transition.kind], video=local(piece.key(VIDEO)), frames=piece.frames
    )


def _users_file(what: str, key: str, directory: Path, name: str | None = None) -> Path:
    path = directory / (name or what)
    try:
        storage().get_file(key, path)
    except NotFound as error:
        raise MediaError(f"The {what} is gone", code=f"{what}_missing") from error
    return path


def upload_film(film: CompiledFilm, keys: FilmKeys) -> FilmFiles:
    """Stores the film, its poster and its contact sheet; the same keys again are overwritten."""
    paths = (film.path, film.poster, film.contact_sheet)
    upload(dict(zip((keys.film_key, keys.poster_key, keys.contact_sheet_key), paths, strict=True)))
    return FilmFiles(
        **keys.model_dump(), duration_seconds=film.duration_seconds, frames=film.frames
    )


def publish(workspace_id: str, keys: Iterable[str], owner: str) -> None:
    """Records uploaded files as the workspace's, named by rows of `owner`. Raises NotFound if one
    isn't in the bucket.
    """
    for key in keys:
        facts = storage().head(key)
        asset_rows().record(workspace_id, key, facts.content_type, facts.size_bytes, owner=owner)
