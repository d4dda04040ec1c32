"""Imports pictures, videos and sounds that an author sends for a shot."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from showreel.assets.models import StoredMedia
from showreel.assets.pictures import is_current
from showreel.assets.service import delete_assets, import_audio, import_image, import_video
from showreel.core.errors import AppError, about_field
from showreel.storyboards.media import ShotMedia
from showreel.storyboards.models import MEDIA, Medium, ShotRow
from showreel.storyboards.rows import missing, shot_pk
from showreel.storyboards.schemas import ShotFields

ImportMedia = Callable[[str, str, str, str], StoredMedia]
IMPORTS: Mapping[Medium, ImportMedia] = {
    "image": import_image,
    "video": import_video,
    "audio": import_audio,
}


@contextmanager
def sent_media(
    shot: ShotRow, request: ShotFields, base_url: str, *, is_new: bool = False
) -> Iterator[dict[Medium, str]]:
    """Provides the keys of imported copies of the files that the body names and the shot doesn't
    show yet. If the body is refused they are deleted. For an `is_new` shot only media without any
    version are imported.

    Raises InvalidInput or MediaError about the field.
    """
    keys: dict[Medium, str] = {}
    try:
        for medium in MEDIA:
            url, state = request.media_url(medium), shot.medium(medium)
            is_there = (
                bool(state.versions) if is_new else is_current(url or "", state.key, base_url)
            )
            if url and not is_there:
                with about_field(f"{medium}_url"):
                    owner = shot_pk(shot.id)
                    stored = IMPORTS[medium](shot.workspace_id, url, base_url, owner)
                keys[medium] = stored.key
        yield keys
    except AppError as error:
        if error.status < 500:
            delete_assets(keys.values())
        raise


def show(media: ShotMedia, shot_id: str, request: ShotFields, keys: Mapping[Medium, str]) -> None:
    """Shows the imported files, and nothing for a null. Raises NotFound, Transient."""
    for medium in MEDIA:
        is_there = True
        if medium in keys:
            is_there = media.add(shot_id, medium, keys[medium])
        elif f"{medium}_url" in request.given() and request.media_url(medium) is None:
            is_there = media.clear(shot_id, medium)
        if not is_there:
            raise missing("Shot")
