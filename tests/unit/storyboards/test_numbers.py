"""Numbers of scenes and shots: without gap and collision, whoever else is at it."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, InvalidInput, NotFound, Transient
from showreel.storyboards import numbers as numbers_module
from showreel.storyboards.models import MAX_SHOTS
from showreel.storyboards.removal import Removal
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.support import fault
from tests.unit.storyboards.conftest import Shots
from tests.unit.storyboards.support import PROJECT, SCENE, scene_row, shot_row


def numbered(store: StoryboardStore) -> list[int]:
    """The numbers of the scene's shots, over all pages."""
    found, cursor = [], None
    while True:
        rows, cursor = store.shots(SCENE, 7, cursor)
        found += [row.shot_number for row in rows]
        if cursor is None:
            return found


def test_shots_follow_the_highest_number(store: StoryboardStore, shots: Shots) -> None:
    assert [shot.shot_number for shot in shots(3)] == [1, 2, 3]
    assert [shot.shot_number for shot in shots(2)] == [4, 5]


@pytest.mark.parametrize(("at_least", "first"), [(0, 4), (2, 4), (3, 4), (7, 8)])
def test_shots_follow_those_that_the_client_has(
    store: StoryboardStore, shots: Shots, at_least: int, first: int
) -> None:
    shots(3)
    added = store.add_shots([shot_row(), shot_row()], at_least=at_least)
    assert [shot.shot_number for shot in added] == [first, first + 1]


@pytest.mark.parametrize("seed", range(3))
def test_calls_at_once_never_collide_nor_leave_a_gap(
    store: StoryboardStore, one_at_a_time: None, seed: int
) -> None:
    sizes = random.Random(seed).choices(range(1, 7), k=14)

    def add(size: int) -> list[int]:
        return [shot.shot_number for shot in store.add_shots([shot_row() for _ in range(size)])]

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(add, sizes))
    assert sorted(chain.from_iterable(given)) == numbered(store) == list(range(1, sum(sizes) + 1))
    for numbers in given:  # each call's own are consecutive
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_adding_deleting_and_ordering_at_once_keep_numbers_unique(
    store: StoryboardStore, shots: Shots, one_at_a_time: None
) -> None:
    doomed = shots(6)

    def mixed(step: int) -> None:
        if step % 3 == 0:
            store.add_shots([shot_row(), shot_row()])
        elif step % 3 == 1:
            shown, _ = store.shots(SCENE, 100)
            with suppress(InvalidInput):  # others have changed which shots there are
                store.order_shots(SCENE, [shot.id for shot in reversed(shown)])
        else:
            Removal(store.table).retire_shot(SCENE, doomed[step // 3].id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(mixed, range(15)))
    left = numbered(store)
    assert len(left) == len(set(left)) == 6 + 10 - 5


def test_scenes_are_numbered_alike(store: StoryboardStore, one_at_a_time: None) -> None:
    with ThreadPoolExecutor(6) as pool:
        added = list(pool.map(lambda _: store.add_scene(scene_row()), range(9)))
    assert sorted(scene.scene_number for scene in added) == list(range(2, 11))


def test_a_new_order_numbers_from_one(store: StoryboardStore, shots: Shots) -> None:
    first, second, third, fourth = shots(4)
    Removal(store.table).retire_shot(SCENE, second.id)
    store.order_shots(SCENE, [fourth.id, first.id, third.id])
    shown, _ = store.shots(SCENE, 10)
    assert [(shot.id, shot.shot_number) for shot in shown] == [
        (fourth.id, 1),
        (first.id, 2),
        (third.id, 3),
    ]
    assert store.shot(fourth.id).shot.shot_number == 1


def test_five_hundred_shots_are_ordered_by_one_write(
    store: StoryboardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"shot-{number}" for number in range(MAX_SHOTS)]
    for first in range(0, MAX_SHOTS, 50):
        store.add_shots([shot_row(id_) for id_ in ids[first : first + 50]])
    assert fault(lambda: store.add_shots([shot_row()])).code == "too_many_shots"
    calls: list[str] = []
    call = dynamo._call

    def counted(operation: str, **request: Any) -> Any:
        calls.append(operation)
        return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", counted)
    store.order_shots(SCENE, ids[::-1])
    assert calls == ["get_item", "transact_write_items"]
    shown, _ = store.shots(SCENE, 2)
    assert [shot.id for shot in shown] == ids[:-3:-1]


@pytest.mark.parametrize("change", ["missing", "twice", "foreign"])
def test_an_order_names_each_shot_once(store: StoryboardStore, shots: Shots, change: str) -> None:
    ids = [shot.id for shot in shots(3)]
    wrong = {"missing": ids[1:], "twice": [*ids[1:], ids[1]], "foreign": [*ids, "shot-9"]}[change]
    error = fault(lambda: store.order_shots(SCENE, wrong))
    assert (error.code, error.details["details"][0]["field"]) == ("shot_order", "shot_ids")
    assert numbered(store) == [1, 2, 3]


def test_the_same_shots_again_are_the_same(
    store: StoryboardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_reply(writes: list[Write]) -> None:
        transact(writes)
        monkeypatch.setattr(numbers_module, "transact", transact)
        raise Transient("the reply was lost")

    monkeypatch.setattr(numbers_module, "transact", lose_the_reply)
    new = [shot_row(), shot_row()]
    with pytest.raises(Transient):
        store.add_shots(new)
    assert [shot.shot_number for shot in store.add_shots(new)] == [1, 2]
    assert numbered(store) == [1, 2]


def test_what_is_written_with_shots_is_all_or_nothing(store: StoryboardStore) -> None:
    closed = store.table.check_write("run-1", "run", "attribute_exists(pk)")
    with pytest.raises(ConditionFailed):
        store.add_shots([shot_row()], with_writes=[closed])
    assert numbered(store) == []


def test_nothing_is_added_to_a_scene_that_is_being_deleted(store: StoryboardStore) -> None:
    Removal(store.table).retire_scene(PROJECT, SCENE)
    with pytest.raises(NotFound):
        store.add_shots([shot_row()])
    with pytest.raises(NotFound):
        store.shots(SCENE, 10)


def test_a_project_has_a_bounded_number_of_scenes(
    store: StoryboardStore, cloud: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers_module, "MAX_SCENES", 2)
    store.add_scene(scene_row())
    assert fault(lambda: store.add_scene(scene_row())).code == "too_many_scenes"
    assert len(store.scenes(PROJECT, 10, None)[0]) == 2
