"""Checks that the files of a film exist, before credits are held for it."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from showreel.assets.headers import jpeg_size
from showreel.assets.service import storage
from showreel.core.aws import client
from showreel.core.errors import MediaError, NotFound
from showreel.core.framing import Size
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.projects.models import ClipRow, Film, MadePiece
from showreel.music.library import open_track

AT_ONCE = 16
HEADER_BYTES = 4096
"""The header of a JPEG without metadata is shorter than a quarter of this."""
MADE = ("made", "draft_made", "transition")
"""The attributes of a clip's row that name what earlier runs made."""


def find_gone(film: Film) -> frozenset[str]:
    """Returns which of the film's files are no longer there. Raises InvalidInput, Transient."""
    project = film.project
    keys = {project.logo_key, _music_key(project.music_track_id, project.workspace_id)}
    for clip in film.clips:
        keys |= {clip.source_key, clip.end_key}
        keys |= {_made_key(getattr(clip, name)) for name in MADE}
    wanted = sorted(key for key in keys if key)
    client("s3")  # made before the threads are: making clients isn't thread-safe
    with ThreadPoolExecutor(AT_ONCE) as pool:
        there = pool.map(storage().exists, wanted)
        return frozenset(key for key, is_there in zip(wanted, there, strict=True) if not is_there)


def without_gone(film: Film, gone: Collection[str]) -> Film:
    """Returns the film without earlier results whose files are gone."""
    return film.model_copy(update={"clips": tuple(_clip(clip, gone) for clip in film.clips)})


def with_sizes(film: Film) -> Film:
    """Returns the film with picture sizes that older rows lack. Raises Transient."""
    return film.model_copy(update={"clips": tuple(_measured(clip) for clip in film.clips)})


def require_files(plan: FilmPlan, gone: Collection[str]) -> None:
    """Raises MediaError `media_not_found`, which names each field whose file is needed and gone."""
    music = _music_key(plan.music_track_id, plan.workspace_id)
    wanted = {"logoUrl": plan.logo_key, "musicTrackId": music}
    for clip in plan.clips:
        if clip.made is None:
            wanted[f"clips.{clip.index}.sourceImageUrl"] = clip.source_key
            wanted[f"clips.{clip.index}.endImageUrl"] = clip.end_key
    lost = [field for field, key in wanted.items() if key in gone]
    if lost:
        message = "The file is no longer there; choose another one"
        details = [{"field": field, "message": message} for field in lost]
        raise MediaError(
            f"{lost[0]}: {message}", code="media_not_found", details={"details": details}
        )


def _music_key(track_id: str | None, workspace_id: str) -> str | None:
    return None if track_id is None else open_track(track_id, workspace_id).key


def _made_key(made: MadePiece | None) -> str | None:
    return made.asset_key if made else None


def _measured(clip: ClipRow) -> ClipRow:
    source = clip.source_size or _size(clip.source_key)
    end = clip.end_size or (_size(clip.end_key) if clip.end_key else None)
    return clip.model_copy(update={"source_size": source, "end_size": end})


def _size(key: str) -> Size | None:
    """Returns the size in pixels of a stored JPEG; None if it is gone."""
    try:
        return jpeg_size(storage().get_start(key, HEADER_BYTES))
    except NotFound:
        return None


def _clip(clip: ClipRow, gone: Collection[str]) -> ClipRow:
    kept = {name: getattr(clip, name) for name in MADE}
    kept = {name: made if _made_key(made) not in gone else None for name, made in kept.items()}
    return clip.model_copy(update=kept)
