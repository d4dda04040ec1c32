"""Deleting: nobody sees it at once, nothing is left in the end, however often it is cut short."""

from typing import Any

import pytest

from showreel.assets import keys
from showreel.assets import service as assets
from showreel.core import dynamo
from showreel.core.dynamo import Table
from showreel.core.errors import NotFound
from showreel.storyboards.media import MadeMedium, ShotMedia
from showreel.storyboards.models import Medium, ShotRow
from showreel.storyboards.removal import ROWS_AT_ONCE, Removal
from showreel.storyboards.rows import scene_pk, shot_pk, storyboard_pk
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.support import WORKSPACE, objects, rows
from tests.unit.storyboards.conftest import Shots
from tests.unit.storyboards.support import PROJECT, SCENE, scene_row, shot_row

FOR_EVER = 10**6


@pytest.fixture
def removal(cloud: Table) -> Removal:
    return Removal(cloud)


def stored(media: ShotMedia, shot: ShotRow, medium: Medium = "image") -> str:
    """A file that a job has made for the shot."""
    key = keys.new_key("project-assets", "image/jpeg")
    assets.storage().put(key, b"x", "image/jpeg")
    assets.asset_rows().record(WORKSPACE, key, "image/jpeg", 1, owner=shot_pk(shot.id))
    assert media.lock(shot, medium, key, origins=("pending", "completed"))
    assert media.complete(shot.id, medium, MadeMedium(key, key))
    return key


class Looks:
    """Time that is over after so many looks at the clock."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self) -> bool:
        self.left -= 1
        return self.left >= 0


def test_a_deleted_shot_leaves_nothing_and_its_siblings_their_numbers(
    store: StoryboardStore, shots: Shots, media: ShotMedia, removal: Removal, cloud: Table
) -> None:
    first, second, third = shots(3)
    for _ in range(2):
        stored(media, second)
    stored(media, second, "audio")
    kept = stored(media, third)
    removal.retire_shot(SCENE, second.id)
    with pytest.raises(NotFound):
        store.shot(second.id)
    assert removal.remove(shot_pk(second.id), lambda: True)
    assert objects() == {kept}
    assert [shot.shot_number for shot in store.shots(SCENE, 9)[0]] == [1, 3]
    assert not [row for row in rows(cloud) if row["pk"] == shot_pk(second.id)]
    assert store.shot(first.id).shot.shot_number == 1


def test_a_deleted_project_hides_what_is_below_at_once(
    store: StoryboardStore, shots: Shots, removal: Removal
) -> None:
    (shot,) = shots(1)
    removal.retire_project(PROJECT)
    for read in (lambda: store.project(PROJECT), lambda: store.scene(SCENE)):
        with pytest.raises(NotFound):
            read()
    with pytest.raises(NotFound):
        store.shot(shot.id)
    assert store.projects(WORKSPACE, 10, None) == ([], None)


@pytest.mark.parametrize("looks", [0, 1, 7])
def test_a_deletion_cut_short_is_finished_by_the_daily_pass(
    store: StoryboardStore,
    shots: Shots,
    media: ShotMedia,
    removal: Removal,
    cloud: Table,
    looks: int,
) -> None:
    for scene_id in ("scene-2", "scene-3"):
        store.add_scene(scene_row(scene_id))
        store.add_shots([shot_row(scene_id=scene_id) for _ in range(3)])
    for shot in shots(3):
        stored(media, shot)
    removal.retire_project(PROJECT)
    assert not removal.remove(storyboard_pk(PROJECT), Looks(looks))
    assert removal.remove_retired(Looks(1)) == 0
    assert removal.remove_retired(lambda: True) == 1
    assert removal.remove_retired(lambda: True) == 0
    assert rows(cloud) == []
    assert objects() == set()


def test_a_scene_goes_with_its_shots_and_the_others_stay(
    store: StoryboardStore, shots: Shots, media: ShotMedia, removal: Removal, cloud: Table
) -> None:
    store.add_scene(scene_row("scene-2"))
    (kept,) = store.add_shots([shot_row(scene_id="scene-2")])
    for shot in shots(2):
        stored(media, shot)
    removal.retire_scene(PROJECT, SCENE)
    assert removal.remove(scene_pk(SCENE), lambda: True)
    assert [scene.scene_number for scene in store.scenes(PROJECT, 9, None)[0]] == [2]
    assert store.shot(kept.id).scene.scene_number == 2
    assert objects() == set()
    assert not [row for row in rows(cloud) if SCENE in row["pk"]]


def test_no_read_of_a_deletion_grows_with_what_is_deleted(
    store: StoryboardStore, removal: Removal, media: ShotMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        store.add_shots([shot_row() for _ in range(30)])
    (shot, *_), _ = store.shots(SCENE, 1)
    for _ in range(2 * ROWS_AT_ONCE):
        stored(media, shot)
    read: list[int] = []
    call = dynamo._call

    def watched(operation: str, **request: Any) -> Any:
        answer = call(operation, **request)
        read.append(len(answer.get("Items", [])) if operation == "query" else 1)
        return answer

    monkeypatch.setattr(dynamo, "_call", watched)
    removal.retire_scene(PROJECT, SCENE)
    assert removal.remove(scene_pk(SCENE), lambda: True)
    assert max(read) <= ROWS_AT_ONCE
    assert objects() == set()
