"""Pieces made ahead of an export: begun by a sync, bounded, made once, and needed by nobody."""

import time
from typing import Any

import pytest

from showreel.core import clock
from showreel.core.dynamo import Table
from showreel.core.errors import MediaError, Transient
from showreel.credits.ledger import ledger
from showreel.cuts import ahead, context, makers
from showreel.cuts.steps import make_piece
from showreel.cuts.steps.load_cut import load_cut
from showreel.runs import executions
from tests.unit.cuts.world import ARN, World
from tests.unit.films.support import WORKSPACE, rows
from tests.unit.storyboards.support import PROJECT


def begun(here: World) -> list[str]:
    """What was begun ahead or as an export, by the executions' names."""
    return [request["name"] for name, request in here.calls if name == "start_execution"]


def make(here: World, job_id: str) -> None:
    """All steps of what is made ahead."""
    loaded = load_cut(job_id, ARN)
    assert (loaded.is_ahead, loaded.at_once) == (True, 5)
    for clip in loaded.clips:
        here.piece(job_id, clip["index"])


def test_a_sync_has_the_pieces_made_and_costs_nothing(here: World) -> None:
    for _ in range(2):
        here.shot(video=5.0)
    here.sync(settings={"transitions": "crossfade"})
    (job,) = begun(here)
    make(here, job)
    kinds = [made.split()[0] for made in here.made]
    assert sorted(kinds) == ["transition", "video", "video"]
    assert here.money() == (100, 100)
    assert here.on.runs.find(job) is None


def test_syncs_again_and_again_begin_one(here: World) -> None:
    here.shot(video=5.0)
    for _ in range(10):
        here.sync()
    assert len(begun(here)) == 1


def test_the_same_is_begun_again_when_it_may_be_gone(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)
    here.sync()
    later = time.time() + ahead.AGAIN_SECONDS
    monkeypatch.setattr(ahead, "now_seconds", lambda: int(later))
    here.sync()
    assert len(begun(here)) == 2


def test_a_caller_begins_a_few_a_minute(here: World) -> None:
    shot = here.shot(video=5.0)
    here.sync()
    for length in range(1, 9):
        here.change(rows=[{"id": shot.id, "durationMs": 100 * length}])
        assert here.sync().duration_ms > 0
    assert len(begun(here)) == 5


def test_levels_need_no_new_pieces(here: World) -> None:
    shot = here.shot(video=5.0)
    here.sync()
    here.change(rows=[{"id": shot.id, "volume": 20}])
    here.sync()
    assert len(begun(here)) == 1


def test_without_settings_those_of_the_last_export_count(here: World) -> None:
    here.shot(video=5.0)
    here.finish(here.begin(settings={"fps": 30}).job_id)
    here.shot(video=5.0)
    here.sync()
    assert context.exports().plan(begun(here)[-1]).cut.settings.fps == 30


def test_what_a_newer_one_or_an_export_follows_makes_nothing_more(here: World) -> None:
    shot = here.shot(video=5.0)
    here.sync()
    here.change(rows=[{"id": shot.id, "durationMs": 900}])
    here.sync()
    older, newer = begun(here)
    make(here, older)
    assert here.made == []
    here.begin()
    make(here, newer)
    assert here.made == []
    here.sync()
    assert len(begun(here)) == 3


def test_a_deleted_project_has_nothing_made(here: World) -> None:
    here.shot(video=5.0)
    here.sync()
    here.store.table.delete(f"storyboard#{PROJECT}", "cut#ahead")
    make(here, begun(here)[0])
    assert here.made == []


def test_who_could_not_pay_for_an_export_has_nothing_made(here: World) -> None:
    here.shot(video=5.0)
    ledger().hold(WORKSPACE, "other work", 89)
    assert here.sync().can_export
    assert begun(here) == []


def test_a_sync_works_where_nothing_can_be_begun(
    here: World, cloud: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)

    def down(*_: Any, **__: Any) -> Any:
        raise Transient("Step Functions: ThrottlingException")

    with monkeypatch.context() as patch:
        patch.setattr(executions, "call_states", down)
        assert here.sync().can_export
    assert here.finish(here.begin().job_id).status == "completed"


def test_an_unusable_file_is_left_for_the_export_to_report(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)
    here.sync()

    def broken(*_: Any) -> None:
        raise MediaError("damaged", code="media_damaged")

    monkeypatch.setattr(make_piece, "normalise", broken)
    (job,) = begun(here)
    make(here, job)
    here.end(job, {"Error": "Unknown", "Cause": ""})
    assert [row for row in rows(Table("runs")) if row["sk"].startswith("event")] == []


def maker(here: World, index: int = 0) -> tuple[Any, Any]:
    """The plan and clip of what was begun ahead."""
    plan = context.exports().plan(begun(here)[0]).cut
    return plan, plan.clips[index]


def test_a_piece_has_one_maker_at_a_time(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "WAIT_SECONDS", 0.0)
    here.shot(video=5.0)
    here.sync()
    job = here.begin().job_id
    with makers.lease(*maker(here), "ahead#0"):
        with pytest.raises(Transient):
            here.piece(job, 0)
        assert here.made == []
    here.piece(job, 0)
    assert len(here.made) == 1


def test_a_maker_that_died_is_missed_and_its_own_step_goes_on_at_once(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(makers, "WAIT_SECONDS", 0.0)
    here.shot(video=5.0)
    here.sync()
    plan, clip = maker(here)
    makers.Lease(ahead.digest_of_piece(plan, clip), "dead").take()
    with makers.lease(plan, clip, "dead"):
        pass
    makers.Lease(ahead.digest_of_piece(plan, clip), "dead").take()
    later = clock.now_seconds() + makers.LEASE_SECONDS
    monkeypatch.setattr("showreel.cuts.exports.now_seconds", lambda: later)
    with makers.lease(plan, clip, "other") as mine:
        assert mine.renew()
