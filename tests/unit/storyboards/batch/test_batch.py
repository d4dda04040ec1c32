"""All pictures, then all videos of a project: each shot is made once per success and paid once."""

from collections.abc import Iterator
from typing import Any

import pytest

from showreel.core.errors import AppError
from showreel.credits.ledger import ledger
from showreel.identity import Caller
from showreel.runs.models import Run
from showreel.storyboards.batch import context, service
from showreel.storyboards.batch.kind import batches
from showreel.storyboards.batch.schemas import AutoGenerate, BatchStatus, Queued
from tests.unit.films.support import ANN, BASE, EVE, WORKSPACE
from tests.unit.storyboards.batch.world import (
    ARN,
    PICTURE,
    VIDEO,
    Floor,
    board,
    floor,
    money_is_sound,
    shots_of,
    spent,
)
from tests.unit.storyboards.support import PROJECT


@pytest.fixture
def here(cloud: Any) -> Iterator[Floor]:
    with floor() as made:
        yield made


def ask(
    phase: str = "images", key: str | None = None, caller: Caller = ANN, **fields: Any
) -> Queued:
    request = AutoGenerate.model_validate({"project_id": PROJECT, "phase": phase, **fields})
    return service.queue(service.order_of(caller, request), request, key, BASE, ARN)


def look(run_id: str | None, limit: int = 100, cursor: str | None = None) -> BatchStatus:
    return service.look(ANN, str(run_id), limit, cursor, ARN)


def run(run_id: str | None) -> Run:
    return context.runs().get(str(run_id))


def test_pictures_then_videos_with_shots_that_fail_once_and_one_that_always_does(
    here: Floor,
) -> None:
    store, _, shots = board(24)
    here.vendor.refuses.update({f"number{n}x": 1 for n in (2, 9, 17)} | {"number5x": 99})
    first = ask()
    assert (first.queued, first.estimated_credits, first.concurrency) == (24, 24 * PICTURE, 4)
    here.play()
    told = look(first.run_id)
    assert (told.status, told.completed, told.failed) == ("completed", 20, 4)
    assert told.credits_used == spent() == 20 * PICTURE
    assert here.vendor.most <= 4
    second = ask()
    assert (second.queued, second.skipped_total) == (4, 20)
    assert {one.reason for one in second.skipped} == {"already_completed"}
    here.play()
    assert (look(second.run_id).completed, look(second.run_id).failed) == (3, 1)
    assert [shot.image.status for shot in shots_of(store)].count("completed") == 23
    assert shots_of(store)[5].image.failure_reason == "content_policy"
    assert spent() == 23 * PICTURE
    here.vendor.most = 0
    videos = ask("videos")
    assert videos.queued == 23
    assert [(one.shot_id, one.reason) for one in videos.skipped] == [(shots[5].id, "missing_image")]
    here.play()
    assert look(videos.run_id).completed == 23
    assert here.vendor.most <= 2
    assert spent() == 23 * (PICTURE + VIDEO)
    assert all(shot.video.versions == 1 for n, shot in enumerate(shots_of(store)) if n != 5)
    money_is_sound()


@pytest.mark.parametrize("seed", range(3))
def test_workers_that_die_at_any_call_make_each_shot_once(cloud: Any, seed: int) -> None:
    with floor(seed=seed, mortality=0.03) as here:
        store, _, _ = board(6)
        here.vendor.refuses["number4x"] = 99
        here.vendor.throttles = 4 * (seed % 2)
        queued = ask()
        here.play()
        told = look(queued.run_id)
        assert (told.status, told.completed, told.failed) == ("completed", 5, 1)
        assert spent() == told.credits_used == 5 * PICTURE
        assert [shot.image.versions for shot in shots_of(store)].count(1) == 5
        assert max(here.vendor.billed.values()) == 1
        assert here.vendor.most <= 4
        money_is_sound()


def test_credits_that_end_in_the_middle_leave_the_rest_pending(cloud: Any) -> None:
    with floor(granted=3 * PICTURE + 1) as here:
        store, _, _ = board(6)
        queued = ask()
        assert queued.queued == 6
        here.play()
        told = look(queued.run_id)
        assert (told.status, told.code) == ("failed", "insufficient_credits")
        assert told.completed == 3
        statuses = [shot.image.status for shot in shots_of(store)]
        assert (statuses.count("completed"), statuses.count("pending")) == (3, 3)
        assert [one.status for one in told.shots].count("pending") == 3
        with pytest.raises(AppError) as refused:
            ask()
        assert refused.value.code == "insufficient_credits"
        ledger().grant(WORKSPACE, 1000, "more")
        again = ask()
        assert again.queued == 3
        here.play()
        assert look(again.run_id).completed == 3
        assert spent() == 6 * PICTURE
        money_is_sound()


def test_a_second_call_meets_the_run_and_queues_nothing(here: Floor) -> None:
    board(6)
    first = ask()
    here.play(until=lambda: look(first.run_id).completed >= 2)
    second = ask()
    assert (second.run_id, second.queued) == (first.run_id, 0)
    reasons = [one.reason for one in second.skipped]
    assert reasons.count("already_completed") == 2
    assert reasons.count("in_progress") == 4
    assert here.runs == []


def test_two_calls_at_once_begin_one_run(here: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one is done while the first has looked and not yet written."""
    board(3)
    others: list[Queued] = []
    begin = type(batches(ARN)).begin

    def overtaken(on: Any, *given: Any) -> bool:
        if not others:
            others.append(None)  # type: ignore[arg-type]
            others[:] = [ask()]
        return begin(on, *given)

    monkeypatch.setattr(type(batches(ARN)), "begin", overtaken)
    mine = ask()
    assert mine.run_id == others[0].run_id
    assert [mine.queued, others[0].queued] == [0, 3]
    here.play()
    assert spent() == 3 * PICTURE


def test_the_same_key_is_the_same_run(here: Floor) -> None:
    board(3)
    first = ask(key="k1")
    here.play()
    again = ask(key="k1")
    assert (again.run_id, again.queued) == (first.run_id, 3)
    with pytest.raises(AppError) as refused:
        ask("videos", key="k1")
    assert refused.value.code == "idempotency_mismatch"
    assert spent() == 3 * PICTURE


def test_nothing_to_do_is_no_run_and_a_dry_run_writes_nothing(here: Floor) -> None:
    store, _, shots = board(3)
    store.change_shot(shots[1], {"visual_prompt": None})
    dry = ask(dry_run=True)
    assert (dry.run_id, dry.queued, dry.estimated_credits) == (None, 2, 2 * PICTURE)
    assert [(one.shot_id, one.reason) for one in dry.skipped] == [(shots[1].id, "missing_prompt")]
    assert ask("videos").queued == 0
    assert store.project(PROJECT).videos_run_id is None
    assert {shot.image.status for shot in shots_of(store)} == {"pending"}
    assert here.runs == []


def test_a_canceled_run_keeps_what_is_made_and_gives_the_rest_back(here: Floor) -> None:
    store, _, _ = board(5)
    queued = ask()
    here.play(until=lambda: look(queued.run_id).completed >= 2)
    batches(ARN).cancel(run(queued.run_id))
    told = look(queued.run_id)
    assert told.status == "canceled"
    statuses = [shot.image.status for shot in shots_of(store)]
    assert (statuses.count("completed"), statuses.count("pending")) == (2, 3)
    assert spent() == 2 * PICTURE
    money_is_sound()
    again = ask()
    assert again.queued == 3
    here.jobs.clear()
    here.play()
    assert spent() == 5 * PICTURE


def test_an_execution_that_was_stopped_ends_its_run_and_another_takes_up_the_rest(
    here: Floor,
) -> None:
    board(5)
    queued = ask()
    here.play(until=lambda: look(queued.run_id).completed >= 2)
    batches(ARN).execution_died(run(queued.run_id))
    told = look(queued.run_id)
    assert (told.status, told.code) == ("failed", "internal_error")
    here.jobs.clear()
    assert ask().queued == 5 - told.completed
    here.play()
    assert spent() == 5 * PICTURE
    money_is_sound()


def test_events_report_each_shot_once_and_end(here: Floor) -> None:
    board(5)
    here.vendor.refuses["number1x"] = 9
    queued = ask()
    here.play()
    events = list(context.runs().events(str(queued.run_id)))
    told = [event.data for event in events if event.name == "shot"]
    assert sorted(one["status"] for one in told) == ["completed"] * 4 + ["failed"]
    assert all(one["url"].startswith(BASE) for one in told if one["status"] == "completed")
    assert events[-1].last
    numbers = [event.number for event in events]
    assert numbers == sorted(set(numbers))
    progress = [event.data["progress"]["progress"] for event in events if event.name == "status"]
    assert progress == sorted(progress)
    assert progress[-1] == 100


def test_shots_are_listed_in_pages(here: Floor) -> None:
    _, _, shots = board(7)
    queued = ask()
    found, cursor = [], None
    for _ in range(3):
        page = look(queued.run_id, limit=3, cursor=cursor)
        found += [one.shot_id for one in page.shots]
        cursor = page.next_cursor
    assert (found, cursor) == ([shot.id for shot in shots], None)


def test_a_foreign_project_or_run_is_not_found(here: Floor) -> None:
    board(1)
    queued = ask()
    for work in (
        lambda: ask(caller=EVE),
        lambda: service.look(EVE, str(queued.run_id), 10, None, ARN),
        lambda: service.look(ANN, "run_unknown", 10, None, ARN),
    ):
        with pytest.raises(AppError) as refused:
            work()
        assert refused.value.status == 404
