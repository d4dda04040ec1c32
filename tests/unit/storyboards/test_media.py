"""Locks of a shot's media, results and versions."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import NotFound, Transient
from showreel.storyboards import media as media_module
from showreel.storyboards.media import MadeMedium, ShotMedia
from showreel.storyboards.models import MEDIA, MediumState, ShotRow
from showreel.storyboards.removal import Removal
from showreel.storyboards.store import StoryboardStore
from showreel.storyboards.versions import require_version, versions_page
from tests.unit.films.support import fault
from tests.unit.storyboards.conftest import Shots
from tests.unit.storyboards.support import SCENE, made


@pytest.fixture
def shot(shots: Shots) -> ShotRow:
    (added,) = shots(1)
    return added


def image(store: StoryboardStore, shot: ShotRow) -> MediumState:
    return store.shot(shot.id).shot.image


def produced(media: ShotMedia, shot: ShotRow, job_id: str) -> MadeMedium:
    """Something that a job has made for the shot's image."""
    assert media.lock(shot, "image", job_id, origins=("pending", "completed"))
    result = made(job_id)
    assert media.complete(shot.id, "image", result)
    return result


def test_of_many_who_begin_at_once_one_has_the_lock(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore, one_at_a_time: None
) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: media.lock(shot, "image", f"job-{n}"), range(8)))
    assert won.count(True) == 1
    assert image(store, shot).job_id == f"job-{won.index(True)}"
    assert media.lock(shot, "image", f"job-{won.index(True)}")  # its own retry has it still


def test_media_are_locked_apart(media: ShotMedia, shot: ShotRow) -> None:
    assert all(media.lock(shot, medium, f"job-{medium}") for medium in MEDIA)
    assert not any(media.lock(shot, medium, "other") for medium in MEDIA)


def test_what_is_completed_is_made_again_only_when_asked(media: ShotMedia, shot: ShotRow) -> None:
    produced(media, shot, "job-1")
    assert not media.lock(shot, "image", "job-2")
    assert media.lock(shot, "image", "job-2", origins=("completed",))


def test_a_lock_given_back_leaves_what_was(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    ready = store.change_shot(shot, {"image.status": "prompt_ready"})
    assert media.lock(ready, "image", "job-1")
    assert not media.unlock(shot.id, "image", "job-2")
    assert media.unlock(shot.id, "image", "job-1")
    assert image(store, shot).status == "prompt_ready"


def test_a_failure_is_shown_until_the_next_attempt(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    assert media.lock(shot, "image", "job-1")
    assert media.fail(shot.id, "image", "job-1", "The model refused the content")
    failed = store.shot(shot.id).shot
    assert (failed.image.status, failed.failure_reason) == (
        "failed",
        "The model refused the content",
    )
    assert media.lock(failed, "image", "job-2")
    assert store.shot(shot.id).shot.failure_reason is None


def test_a_failure_leaves_the_picture_that_was_there(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    first = produced(media, shot, "job-1")
    assert media.lock(store.shot(shot.id).shot, "image", "job-2", origins=("completed",))
    assert image(store, shot).key == first.key  # shown while another one is made
    assert media.fail(shot.id, "image", "job-2", "no")
    after = image(store, shot)
    assert (after.status, after.key, after.failure_reason) == ("completed", first.key, "no")


def test_results_become_versions_and_older_ones_are_restored(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    results = [produced(media, shot, f"job-{number}") for number in range(3)]
    page, _ = versions_page(store.table, shot.id, "image", 10, None)
    assert [row.key for row in page] == [one.key for one in reversed(results)]
    assert [row.id for row in page] == ["image-3", "image-2", "image-1"]
    assert media.restore(shot.id, require_version(store.table, shot.id, "image-1"))
    assert (image(store, shot).key, image(store, shot).version) == (results[0].key, 1)
    produced(media, shot, "job-9")
    assert image(store, shot).version == 4
    assert len(versions_page(store.table, shot.id, None, 10, None)[0]) == 4


def test_a_version_restored_while_another_is_made_is_shown_until_then(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    first, second = produced(media, shot, "job-1"), produced(media, shot, "job-2")
    assert media.lock(shot, "image", "job-3", origins=("completed",))
    assert media.restore(shot.id, require_version(store.table, shot.id, "image-1"))
    assert (image(store, shot).key, image(store, shot).status) == (first.key, "generating")
    third = made("job-3")
    assert media.complete(shot.id, "image", third)
    assert image(store, shot).key == third.key != second.key


def test_pages_of_versions_are_all_of_them_once(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    for number in range(3):
        produced(media, shot, f"job-{number}")
    assert media.lock(shot, "video", "job-v")
    assert media.complete(shot.id, "video", made("job-v"))
    seen, cursor = [], None
    while True:
        rows, cursor = versions_page(store.table, shot.id, None, 1, cursor)
        seen += [row.id for row in rows]
        if cursor is None:
            break
    assert seen == ["video-1", "image-3", "image-2", "image-1"]


def test_a_cursor_of_another_medium_is_refused(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    for number in range(2):
        produced(media, shot, f"job-{number}")
    _, cursor = versions_page(store.table, shot.id, "image", 1, None)
    error = fault(lambda: versions_page(store.table, shot.id, "video", 1, cursor))
    assert error.code == "invalid_cursor"


def test_a_result_reported_twice_is_one_version(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_reply(writes: list[Write]) -> None:
        transact(writes)
        monkeypatch.setattr(media_module, "transact", transact)
        raise Transient("the reply was lost")

    assert media.lock(shot, "image", "job-1")
    monkeypatch.setattr(media_module, "transact", lose_the_reply)
    result = made("job-1")
    with pytest.raises(Transient):
        media.complete(shot.id, "image", result)
    assert media.complete(shot.id, "image", result)
    assert image(store, shot).versions == 1


def test_what_was_paid_is_kept_though_the_lock_was_taken_away(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    assert media.lock(shot, "image", "job-1")
    assert media.unlock(shot.id, "image", "job-1")
    late = made("job-1")
    assert media.complete(shot.id, "image", late)
    assert (image(store, shot).status, image(store, shot).key) == ("completed", late.key)


def test_a_result_of_somebody_without_the_lock_is_not_taken(
    media: ShotMedia, shot: ShotRow, store: StoryboardStore
) -> None:
    assert media.lock(shot, "image", "job-2")
    assert not media.complete(shot.id, "image", made("job-1"))
    assert image(store, shot).status == "generating"


def test_a_shot_that_is_gone_takes_nothing(media: ShotMedia, shot: ShotRow, cloud: Table) -> None:
    assert media.lock(shot, "image", "job-1")
    Removal(cloud).retire_shot(SCENE, shot.id)
    assert not media.complete(shot.id, "image", made("job-1"))
    assert not media.lock(shot, "video", "job-2")
    assert not media.fail(shot.id, "image", "job-1", "no")


@pytest.mark.parametrize("version_id", ["image-1", "image-0", "clip-1", "image", "image-x", ""])
def test_a_version_that_is_not_there_is_not_found(
    store: StoryboardStore, shot: ShotRow, version_id: str
) -> None:
    with pytest.raises(NotFound):
        require_version(store.table, shot.id, version_id)
