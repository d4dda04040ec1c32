"""Music: built-in tracks published once, own tracks kept to their workspace."""

import json
from pathlib import Path
from typing import Any

import pytest

from showreel.core.dynamo import Table
from showreel.core.errors import MediaError, NotFound
from showreel.music import library as music
from showreel.music.library import NewMusicTrack
from tests.support.sounds import wav
from tests.unit.films.support import (
    ANN,
    BASE,
    EVE,
    OTHER_WORKSPACE,
    WORKSPACE,
    fault,
    objects,
    rows,
    upload,
)

SOUND = wav(1.5)


@pytest.fixture
def builtin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    entries = [
        {"id": "sunlit", "name": "Sunlit", "file": "sunlit.m4a", "mood": "warm", "seed": 7},
        {"id": "lost", "name": "Lost", "file": "lost.m4a"},
    ]
    (tmp_path / "tracks.json").write_text(json.dumps({"tracks": entries}))
    (tmp_path / "sunlit.m4a").write_bytes(b"\0\0\0\x18ftypM4A " + bytes(100))
    monkeypatch.setattr(music, "FOLDER", tmp_path)
    music.builtin_tracks.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True)
def fresh() -> Any:
    music.builtin_tracks.cache_clear()
    yield
    music.builtin_tracks.cache_clear()


def add(url: str, workspace_id: str = WORKSPACE) -> music.MusicTrack:
    body = {"workspaceId": workspace_id, "name": "Own", "url": url}
    return music.add_track(ANN, NewMusicTrack.model_validate(body), BASE)


def test_built_in_tracks_are_published_once_and_playable(cloud: Table, builtin: Path) -> None:
    first = music.list_tracks(ANN, WORKSPACE, 10, None, BASE)
    music.published_key.cache_clear()
    again = music.list_tracks(ANN, WORKSPACE, 10, None, BASE)
    assert [item.id for item in first.items] == ["sunlit"]
    assert first == again
    (key,) = objects("audio/")
    assert first.items[0].url == f"{BASE}/storage/v1/object/public/{key}"
    assert music.open_track("sunlit", WORKSPACE).path == builtin / "sunlit.m4a"


def test_without_tracks_the_list_is_empty(
    cloud: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(music, "FOLDER", tmp_path / "none")
    assert music.list_tracks(ANN, WORKSPACE, 10, None, BASE).items == []
    assert music.list_tracks(ANN, None, 10, None, BASE).items == []


def test_an_own_track_is_listed_and_opened_in_its_workspace_only(
    cloud: Table, builtin: Path
) -> None:
    track = add(upload(SOUND, kind="audio/wav"))
    listed = music.list_tracks(ANN, WORKSPACE, 10, None, BASE)
    assert [item.id for item in listed.items] == ["sunlit", track.id]
    assert track.duration_seconds == listed.items[1].duration_seconds == 1.5
    source = music.open_track(track.id, WORKSPACE)
    assert source.key in objects("audio/")
    assert fault(lambda: music.open_track(track.id, OTHER_WORKSPACE)).code == "unknown_music_track"
    assert [item.built_in for item in music.list_tracks(EVE, None, 10, None, BASE).items] == [True]


def test_pages_of_own_tracks_leave_the_built_in_ones_on_the_first(
    cloud: Table, builtin: Path
) -> None:
    made = {add(upload(SOUND, kind="audio/wav")).id for _ in range(3)}
    first = music.list_tracks(ANN, WORKSPACE, 2, None, BASE)
    rest = music.list_tracks(ANN, WORKSPACE, 2, first.next_cursor, BASE)
    assert len(first.items) == 3
    assert {item.id for item in (*first.items, *rest.items)} == made | {"sunlit"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(200), "media_undecodable"),
        (b"\0\0\0\x20ftypM4A " + bytes(200), "media_undecodable"),
        (SOUND[:44], "media_undecodable"),
        (wav(0.3), "media_too_short"),
        (b"text", "media_type"),
    ],
)
def test_music_that_no_film_could_use_is_refused_when_it_is_added(
    cloud: Table, data: bytes, code: str
) -> None:
    error = fault(lambda: add(upload(data, kind="audio/wav")))
    assert (error.status, error.code) == (400, code)
    assert [fault["field"] for fault in error.details["details"]] == ["url"]
    assert objects("audio/") == set()


def test_what_is_not_sound_or_not_ours_is_refused_and_leaves_nothing(cloud: Table) -> None:
    assert isinstance(fault(lambda: add(upload(b"text"))), MediaError)
    foreign = upload(SOUND, workspace_id=OTHER_WORKSPACE, kind="audio/wav")
    assert fault(lambda: add(foreign)).code == "media_not_found"
    assert isinstance(fault(lambda: add(foreign, OTHER_WORKSPACE)), NotFound)
    assert objects("audio/") == set()
    assert not [row for row in rows(cloud) if row["pk"].startswith("music_track#")]


@pytest.mark.parametrize("track_id", ["", "x", "../tracks", "track_none"])
def test_an_unknown_track_is_a_clear_error(cloud: Table, track_id: str) -> None:
    error = fault(lambda: music.open_track(track_id, WORKSPACE))
    assert (error.status, error.code) == (400, "unknown_music_track")
