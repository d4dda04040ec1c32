"""Music: the tracks that come with the product, and each workspace's own.

Built-in tracks lie beside this file in `tracks/` and are published to the bucket when they are
first listed. A workspace's tracks are rows `music_track#<id>`, `track` of the Studio table.
"""

import functools
import hashlib
import json
import tempfile
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from showreel.assets.keys import public_url
from showreel.assets.models import StoredMedia
from showreel.assets.service import delete_assets, import_audio, storage
from showreel.core.clock import now_iso
from showreel.core.dynamo import Item, Table
from showreel.core.errors import AppError, InvalidInput, MediaError, about_field
from showreel.core.ids import new_id
from showreel.core.models import FrozenModel
from showreel.core.settings import StudioTable, settings
from showreel.core.wire import Wire
from showreel.edge.fields import Id, MediaUrl, Name
from showreel.edge.paging import listed, refuse_cursor
from showreel.identity import Caller, require_member

FOLDER = Path(__file__).with_name("tracks")
SORT_KEY = "track"
SHORTEST_SECONDS = 0.5
"""Shorter music can't be looped."""


class TrackFacts(BaseModel):
    """Fields of every track."""

    id: str
    name: str
    description: str | None = None
    mood: str | None = None
    tempo_bpm: float | None = None
    duration_seconds: float | None = None
    license: str | None = None


class BuiltinTrack(TrackFacts, FrozenModel):
    """One entry of `tracks/tracks.json`."""

    file: str


class MusicTrack(TrackFacts, Wire):
    """A track as clients see it; `url` plays it."""

    built_in: bool
    url: str
    created_at: str | None = None


class NewMusicTrack(Wire):
    """Adds a track of the workspace's own."""

    workspace_id: Id
    name: Name
    url: MediaUrl


class MusicTrackPage(Wire):
    """The built-in tracks on the first page, then the workspace's own, newest first."""

    items: list[MusicTrack]
    next_cursor: str | None


@dataclass(frozen=True)
class TrackSource:
    """Where a track's sound is: either a local file or an object key."""

    path: Path | None = None
    key: str | None = None


def list_tracks(
    caller: Caller, workspace_id: str | None, limit: int, cursor: str | None, base_url: str
) -> MusicTrackPage:
    """Lists the tracks that films of the workspace may use; without one, the built-in tracks.

    Raises NotFound, InvalidInput.
    """
    if workspace_id is None:
        refuse_cursor(cursor)
        return MusicTrackPage(items=_builtin_views(base_url), next_cursor=None)
    require_member(caller, workspace_id)
    own, next_cursor = listed(_table(), _list_key(workspace_id), limit, cursor)
    first = [] if cursor else _builtin_views(base_url)
    items = [*first, *(_own_view(row, base_url) for row in own)]
    return MusicTrackPage(items=items, next_cursor=next_cursor)


def add_track(caller: Caller, request: NewMusicTrack, base_url: str) -> MusicTrack:
    """Stores a track of the workspace's own, after decoding all of it as a check.

    Raises NotFound, InvalidInput, MediaError about the field `url`.
    """
    require_member(caller, request.workspace_id)
    track_id = new_id("track")
    with about_field("url"):
        audio = import_audio(request.workspace_id, request.url, base_url, _pk(track_id))
        seconds = _verified_seconds(audio)
    row: Item = {
        "pk": _pk(track_id),
        "sk": SORT_KEY,
        "list_key": _list_key(request.workspace_id),
        "id": track_id,
        "workspace_id": request.workspace_id,
        "name": request.name,
        "audio_key": audio.key,
        "content_type": audio.content_type,
        "duration_seconds": round(seconds, 3),
        "created_at": now_iso(),
    }
    try:
        _table().put(row)
    except AppError:
        delete_assets([audio.key])
        raise
    return _own_view(row, base_url)


def _verified_seconds(audio: StoredMedia) -> float:
    """Returns the length of the music in seconds. Removes the file if it can't be used as music."""
    from showreel.media.audio_probe import verify_sound  # only here: other calls decode no sound

    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "music"
            storage().get_file(audio.key, path)
            seconds = verify_sound(path, content_type=audio.content_type).seconds
        if seconds < SHORTEST_SECONDS:
            raise MediaError("The music is too short", code="media_too_short")
    except AppError:
        delete_assets([audio.key])
        raise
    return seconds


def require_track(workspace_id: str, track_id: str | None) -> None:
    """Raises InvalidInput `unknown_music_track` for a track that the workspace can't use."""
    if track_id is not None:
        open_track(track_id, workspace_id)


def open_track(track_id: str, workspace_id: str) -> TrackSource:
    """Returns where the track's sound is. Raises InvalidInput for missing and foreign ones."""
    for track in builtin_tracks():
        if track.id == track_id:
            return TrackSource(path=FOLDER / track.file)
    row = _table().get(_pk(track_id), SORT_KEY)
    if row is None or row["workspace_id"] != workspace_id:
        raise InvalidInput("Unknown music track", code="unknown_music_track", field="musicTrackId")
    return TrackSource(key=row["audio_key"])


def find_track(track_id: str, workspace_id: str, base_url: str) -> MusicTrack | None:
    """Returns the response body of a track that the workspace may use, None if there is none."""
    for track in builtin_tracks():
        if track.id == track_id:
            return _builtin_view(track, base_url)
    row = _table().get(_pk(track_id), SORT_KEY)
    if row is None or row["workspace_id"] != workspace_id:
        return None
    return _own_view(row, base_url)


def named_by_tracks(table: Table, owners: Collection[str]) -> Mapping[str, Container[str]]:
    """Returns each track's object key, by its partition; tracks without a row are left out."""
    rows = table.get_many((owner, SORT_KEY) for owner in owners)
    return {row["pk"]: frozenset({row["audio_key"]}) for row in rows}


@functools.cache
def builtin_tracks() -> tuple[BuiltinTrack, ...]:
    """Returns the tracks that come with the product and whose files are there."""
    listing = FOLDER / "tracks.json"
    if not listing.is_file():  # a release without music
        return ()
    listed = json.loads(listing.read_bytes())
    tracks = TypeAdapter(tuple[BuiltinTrack, ...]).validate_python(listed["tracks"])
    return tuple(track for track in tracks if (FOLDER / track.file).is_file())


@functools.cache
def published_key(track: BuiltinTrack) -> str:
    """Publishes a built-in track once, under the hash of its contents, and returns the key."""
    path = FOLDER / track.file
    key = f"audio/builtin-{hashlib.sha256(path.read_bytes()).hexdigest()[:40]}{path.suffix}"
    if not storage().exists(key):
        storage().put_file(key, path, "audio/mp4")
    return key


def _builtin_views(base_url: str) -> list[MusicTrack]:
    return [_builtin_view(track, base_url) for track in builtin_tracks()]


def _builtin_view(track: BuiltinTrack, base_url: str) -> MusicTrack:
    return MusicTrack(
        **track.model_dump(exclude={"file"}),
        built_in=True,
        url=public_url(base_url, published_key(track)),
    )


def _own_view(row: Item, base_url: str) -> MusicTrack:
    return MusicTrack(
        id=row["id"],
        name=row["name"],
        built_in=False,
        url=public_url(base_url, row["audio_key"]),
        duration_seconds=row.get("duration_seconds"),
        created_at=row["created_at"],
    )


def _table() -> Table:
    return Table(settings(StudioTable).studio_table)


def _pk(track_id: str) -> str:
    return f"music_track#{track_id}"


def _list_key(workspace_id: str) -> str:
    return f"{workspace_id}#music_track"
