"""Before a shot is written: what is refused, in which order, and what a request makes, once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from showreel.core import settings as core_settings
from showreel.core.errors import (
    Conflict,
    IdempotencyMismatch,
    InsufficientCredits,
    InvalidInput,
    NotFound,
)
from showreel.storyboards.gen_shots.schemas import GenShotsBody
from showreel.storyboards.removal import Removal
from tests.unit.films.support import EVE, WORKSPACE
from tests.unit.storyboards.gen_shots.support import BUDGET, Studio
from tests.unit.storyboards.support import PROJECT, SCENE, project_row, scene_row


def numbers(studio: Studio) -> list[int]:
    return [shot.shot_number for shot in studio.shots()]


@pytest.mark.parametrize("count", [0, 7, "3", 2.5, -1, True, [3], 1e9])
def test_a_shot_count_is_a_whole_number_from_one_to_six(count: Any) -> None:
    with pytest.raises(ValidationError) as fault:
        GenShotsBody.model_validate({"projectId": "p", "shotCount": count})
    assert [error["loc"] for error in fault.value.errors()] == [("shotCount",)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"projectId": ""},
        {"projectId": 5},
        {"projectId": "p", "requestId": "x" * 256},
        {"projectId": "p", "requestId": "caf\u00e9"},
        {"projectId": "p", "existingShots": [{}] * 501},
        {"projectId": "p", "existingShots": [{"shot_number": "2"}]},
        {"projectId": "p", "existingShots": [{"shot_number": 10**9}]},
        {"projectId": "p", "existingShots": [{"title": "x" * 10_001}]},
        {"projectId": "p", "existingShots": {"shot_number": 1}},
    ],
)
def test_bodies_are_bounded(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GenShotsBody.model_validate(body)


def test_the_documented_body_is_taken_and_null_is_not_sent() -> None:
    known = [{"id": "shot-uuid-1", "shot_number": 1}, {"id": "shot-uuid-2", "shot_number": 2}]
    body = {"projectId": "a1b2", "sceneId": None, "existingShots": known, "shotCount": None}
    request = GenShotsBody.model_validate(body | {"unknown": 1})
    assert (request.shot_count, request.scene_id, request.highest_number) == (3, None, 2)


def test_a_call_makes_run_hold_and_shots_and_starts_the_execution(studio: Studio) -> None:
    begun = studio.begin(shotCount=3)
    assert begun.is_new
    assert studio.started == [begun.run.id]
    assert studio.held == 2
    assert [(shot.shot_number, shot.status) for shot in studio.shots()] == [
        (1, "creating"),
        (2, "creating"),
        (3, "creating"),
    ]
    (meta,) = studio.events(begun.run)
    assert meta[:2] == (1, "meta")
    told = {name: meta[2][name] for name in ("requestId", "projectId", "sceneId", "latency")}
    assert told == {"requestId": "one", "projectId": PROJECT, "sceneId": SCENE, "latency": 0}


def test_without_a_scene_it_is_the_one_with_the_lowest_number(studio: Studio) -> None:
    studio.store.add_scene(scene_row("scene-2"))
    studio.store.order_scenes(PROJECT, ["scene-2", SCENE])
    assert studio.begin(shotCount=1).run.subject_id == "scene-2"
    assert studio.begin(request_id="two", shotCount=1, sceneId=SCENE).run.subject_id == SCENE


def test_a_foreign_a_missing_and_another_projects_scene_are_the_same(studio: Studio) -> None:
    studio.store.create_project(project_row("project-2"))
    studio.store.add_scene(scene_row("scene-2", project_id="project-2"))
    for body in ({"sceneId": "scene-2"}, {"sceneId": "nowhere"}, {"sceneId": "../x"}):
        with pytest.raises(NotFound, match="Scene not found"):
            studio.begin(**body)
    with pytest.raises(NotFound, match="Scene not found"):
        studio.begin(projectId="project-2", sceneId=SCENE)
    Removal(studio.store.table).retire_scene(PROJECT, SCENE)
    with pytest.raises(NotFound, match="Scene not found"):
        studio.begin()
    assert studio.held == 0


def test_a_foreign_and_a_missing_project_are_the_same(studio: Studio) -> None:
    for caller, body in ((EVE, {}), (EVE, {"projectId": "nowhere"})):
        with pytest.raises(NotFound, match="Project not found"):
            studio.begin(caller, **body)


def test_without_credits_nothing_is_written(studio: Studio) -> None:
    studio.ledger.hold(WORKSPACE, "other", BUDGET - 1)
    with pytest.raises(InsufficientCredits) as fault:
        studio.begin(shotCount=3)
    assert (fault.value.required, fault.value.available) == (2, 1)
    assert studio.shots() == []
    assert studio.started == []
    assert numbers(studio) == []
    studio.begin(shotCount=2)


def test_a_missing_scene_is_reported_before_missing_credits(studio: Studio) -> None:
    studio.ledger.hold(WORKSPACE, "other", BUDGET)
    with pytest.raises(NotFound):
        studio.begin(sceneId="nowhere")


def test_switched_off_it_refuses_before_it_looks(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENABLE_SHOT_STREAM", "false")
    core_settings.settings.cache_clear()
    with pytest.raises(Conflict) as fault:
        studio.begin(projectId="nowhere")
    assert fault.value.code == "shot_stream_disabled"


def test_numbers_follow_the_highest_of_the_database_and_the_clients(studio: Studio) -> None:
    studio.begin(shotCount=2)
    studio.begin(request_id="two", shotCount=1, existingShots=[{"shot_number": 9}])
    studio.begin(request_id="three", shotCount=2, existingShots=[{"shot_number": 3}])
    assert numbers(studio) == [1, 2, 10, 11, 12]


def test_a_full_scene_is_refused_before_anything_is_held(studio: Studio) -> None:
    with pytest.raises(InvalidInput) as fault:
        studio.begin(existingShots=[{"shot_number": 99_998}])
    assert fault.value.code == "too_many_shots"
    assert studio.held == 0


@pytest.mark.usefixtures("one_at_a_time")
def test_calls_at_once_get_numbers_without_gap_or_collision(studio: Studio) -> None:
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda name: studio.begin(request_id=name, shotCount=3), "abcd"))
    assert len({one.run.id for one in begun}) == 4
    assert numbers(studio) == [*range(1, 13)]
    assert studio.held == 8


@pytest.mark.usefixtures("one_at_a_time")
def test_the_same_request_at_once_is_one_run(studio: Studio) -> None:
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda _: studio.begin(shotCount=3), range(4)))
    assert len({one.run.id for one in begun}) == 1
    assert sum(one.is_new for one in begun) == 1
    assert numbers(studio) == [1, 2, 3]
    assert studio.held == 2


def test_the_same_request_again_is_the_same_stream_at_no_further_cost(studio: Studio) -> None:
    run = studio.made(shotCount=2)
    again = studio.begin(shotCount=2, existingShots=[{"shot_number": 1}, {"shot_number": 2}])
    assert (again.is_new, again.run.id) == (False, run.id)
    assert studio.events(again.run) == studio.events(run)
    assert (studio.spent, studio.held) == (1, 0)
    assert len(studio.model.asked) == 1


def test_a_request_that_comes_again_needs_neither_scene_nor_credits(studio: Studio) -> None:
    run = studio.made(shotCount=2)
    studio.ledger.hold(WORKSPACE, "other", BUDGET - 1)
    Removal(studio.store.table).retire_scene(PROJECT, SCENE)
    assert studio.begin(shotCount=2).run.id == run.id


def test_the_same_id_for_something_else_is_refused(studio: Studio) -> None:
    studio.begin(shotCount=2)
    with pytest.raises(IdempotencyMismatch):
        studio.begin(shotCount=3)


@pytest.mark.parametrize("after", range(1, 20))
def test_a_reader_who_comes_back_gets_what_it_has_not_seen(studio: Studio, after: int) -> None:
    run = studio.made(shotCount=1)
    every = studio.events(run)
    last = every[-1][0]
    rest = studio.events(run, after)
    assert rest == ([event for event in every if event[0] > after] or every[-1:])
    assert rest[-1] == every[-1]
    assert after < last or rest == every[-1:]


def test_events_are_numbered_upwards(studio: Studio) -> None:
    ids = [number for number, _, _ in studio.events(studio.made(shotCount=3))]
    assert ids == sorted(set(ids))
    assert ids[0] == 1


def test_a_reader_of_a_running_run_gets_the_events_so_far(studio: Studio) -> None:
    seen: list[Any] = []
    run = studio.begin(shotCount=1).run
    script = list(studio.model.scripts[0])
    studio.model.scripts = [[*script[:10], lambda: seen.extend(studio.steps(run)), *script[10:]]]
    studio.write(run)
    assert seen == [(1, "creating"), (1, "drafting")][: len(seen)]
    assert seen
