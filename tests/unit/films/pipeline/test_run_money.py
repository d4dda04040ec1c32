"""What a run has paid for is its project's, however the run ends: Σ paid = Σ delivered."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.catalog import get_model
from showreel.core.errors import MediaError
from showreel.credits.ledger import ledger
from showreel.films.pipeline import context, finish, start
from showreel.films.pipeline.compile_video import _kept
from showreel.films.pipeline.kept import without_lost
from showreel.films.pipeline.plan import make_plan
from showreel.films.pipeline.steps import SkipTask
from showreel.films.projects.estimate import estimate
from showreel.runs.models import TIMED_OUT, Ending
from tests.support.cloud import empty_cloud
from tests.support.histories import random_histories
from tests.unit.films.pipeline.world import CENTS, CLIP, World, refused, world
from tests.unit.films.support import WORKSPACE

Over = Callable[[World], object]


@pytest.fixture
def films() -> Iterator[None]:
    with empty_cloud():
        yield


def cancel(here: World) -> object:
    return here.on.cancel(here.run())


def past_its_limit(here: World) -> object:
    return here.on.end(here.run().id, TIMED_OUT)


def execution_died(here: World) -> object:
    return here.on.execution_died(here.run())


def released(here: World) -> object:
    return here.on.release(here.run().id, "Map")


ENDINGS = (cancel, past_its_limit, execution_died, released)


def check_all_is_kept(here: World, paid_before: int = 0, kept_before: int = 0) -> None:
    """I7: paid is what is on rows, the run tells it, and the next run makes only the rest."""
    run, kept = here.run(), here.kept()
    assert run.is_over
    assert run.output is not None
    assert here.paid() == CLIP * len(set(kept.values())) == paid_before + run.credits.posted
    assert run.credits.held == run.credits.posted + run.credits.released
    assert run.output["actualCostCents"] == CENTS * (len(kept) - kept_before)
    missing = {clip["clipId"] for clip in run.output["missingClips"]}
    clips = [clip for clip in here.film().clips if clip.made and clip.id not in missing]
    assert run.output["completedClips"] == here.film().project.completed_clip_count == len(clips)
    following = make_plan(here.film(), "run_next", draft=False)
    assert following.credits == run.credits.held - run.credits.posted
    assert ledger().account(WORKSPACE).held == 0


@pytest.mark.parametrize("over", ENDINGS)
def test_a_clip_that_is_delivered_while_its_run_ends_is_the_users(films: None, over: Over) -> None:
    """It was captured, on no row, and charged again by the next film."""
    with world(3) as here:
        here.trigger()
        for index in range(3):
            here.start("clip", index)
        here.before_cancel = partial(here.deliver, "clip", 1)
        over(here)
        assert here.paid() == CLIP
        check_all_is_kept(here)
        clip = here.film().clips[1]
        assert (clip.status, clip.clip_key) == ("completed", here.kept()["clip 1"])
        assert [one.status for one in here.film().clips] == ["pending", "completed", "pending"]
        pieces = context.pieces(here.run().id)
        named = pieces.all(pieces.plan())["clip#01"]
        assert named.asset_key == clip.clip_key, "also when the clip is made anew"


def test_a_transition_that_is_delivered_while_its_run_ends_is_reused(films: None) -> None:
    with world(2) as here:
        here.trigger()
        for index in (0, 1):
            here.start("clip", index)
            here.deliver("clip", index)
            here.finish("clip", index)
        here.start("transition", 0)
        here.before_cancel = partial(here.deliver, "transition", 0)
        cancel(here)
        assert here.paid() == 3 * CLIP
        check_all_is_kept(here)


@pytest.mark.parametrize("over", ENDINGS)
def test_nothing_is_ordered_for_a_run_that_has_ended(
    films: None, over: Over, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`start` looked at the run, and the job was made without a condition."""
    with world(2) as here:
        seen = start._running(here.trigger().id)
        over(here)
        monkeypatch.setattr(start, "_running", lambda _run_id: seen)
        assert refused(partial(here.start, "clip", 0)) == "run_over"
        assert here.job("clip", 0) is None
        assert here.vendor == []
        check_all_is_kept(here)


def test_a_canceled_run_that_isnt_over_yet_orders_nothing(films: None) -> None:
    with world(2) as here:
        run = here.trigger()
        here.on.runs.change(run.id, lambda _: {"cancel_requested": True})
        assert refused(partial(here.start, "clip", 0)) == "run_over"
        assert here.vendor == []


def complete(here: World) -> object:
    """CompileVideo and FinalizeVideo, without the film."""
    run = here.run()
    pieces = context.pieces(run.id)
    without_lost(pieces.plan(), pieces.all(pieces.plan()))
    return here.on.end(run.id, Ending("completed", "The film is ready"))


def test_a_clip_whose_piece_was_lost_is_missing_and_kept(films: None) -> None:
    """The piece stayed `pending`: paid, not in the film, and nobody said so."""
    with world(2) as here:
        here.trigger()
        for index in (0, 1):
            here.start("clip", index)
            here.deliver("clip", index)
        here.finish("clip", 0)
        complete(here)
        run, clips = here.run(), here.film().clips
        assert run.output is not None
        missing = [{"clipId": clips[1].id, "reason": "internal_error"}]
        assert run.output["missingClips"] == missing
        assert [one.clip_id for one in here.film().project.missing_clips] == [clips[1].id]
        assert [one["kind"] for one in run.output["transitions"]] == ["cut"]
        assert [clip.status for clip in clips] == ["completed", "failed"]
        check_all_is_kept(here)


def test_a_film_that_must_be_whole_fails_for_a_lost_piece(films: None) -> None:
    with world(2) as here:
        run = here.trigger(allow_partial=False)
        here.start("clip", 0)
        here.deliver("clip", 0)
        here.finish("clip", 0)
        pieces = context.pieces(run.id)
        found = without_lost(pieces.plan(), pieces.all(pieces.plan()))
        assert refused(lambda: _kept(run, pieces.plan(), found)) == "clips_failed"
        released(here)
        ended = here.run()
        assert ended.error is not None
        assert (ended.status, ended.error.code) == ("failed", "clips_failed")
        check_all_is_kept(here)


def test_a_piece_that_is_given_up_after_it_was_finished_stays_as_it_is(films: None) -> None:
    with world(1) as here:
        run = here.trigger()
        here.start("clip", 0)
        here.deliver("clip", 0)
        here.finish("clip", 0)
        finish.skip_piece(SkipTask(run_id=run.id, index=0, token="again"))
        complete(here)
        assert here.film().clips[0].status == "completed"
        check_all_is_kept(here)


def test_a_file_that_cant_be_used_was_paid_and_is_kept(
    films: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MediaError("damaged")

    with world(1) as here:
        here.trigger()
        here.start("clip", 0)
        here.deliver("clip", 0)
        monkeypatch.setattr(finish, "normalise", broken)
        here.finish("clip", 0)
        released(here)
        assert here.film().clips[0].status == "failed"
        check_all_is_kept(here)


def test_a_draft_that_was_canceled_is_paid_once(films: None) -> None:
    with world(2) as here:
        here.trigger(draft=True)
        here.start("clip", 0)
        here.deliver("clip", 0)
        cancel(here)
        assert here.paid() == here.run().credits.posted == 1
        draft = make_plan(here.film(), "run_next", draft=True)
        assert (draft.credits, [bool(clip.made) for clip in draft.clips]) == (1, [True, False])
        assert here.film().clips[0].made is None


def test_the_estimate_of_a_project_counts_what_is_reused(films: None) -> None:
    """`estimatedCost` was 0 when all is reused."""
    with world(1) as here:
        here.trigger()
        here.start("clip", 0)
        here.deliver("clip", 0)
        cancel(here)
        plan = context.pieces(here.trigger().id).plan()
        assert plan.credits == 0
        whole = estimate(here.film(), get_model(plan.model)).total_cents
        assert here.film().project.estimated_cost_cents == whole == CENTS


PLACES = [("clip", 0), ("clip", 1), ("clip", 2), ("transition", 0), ("transition", 1)]
STEPS = ("start", "start", "deliver", "deliver", "finish")


@random_histories
@given(
    histories=st.lists(
        st.tuples(
            st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(PLACES)), max_size=14),
            st.lists(st.sampled_from(PLACES), max_size=4),
            st.sampled_from((*ENDINGS, complete)),
            st.booleans(),
        ),
        min_size=1,
        max_size=2,
    )
)
def test_whatever_happens_all_that_is_paid_is_kept(
    histories: list[tuple[list[tuple[str, tuple[str, int]]], list[tuple[str, int]], Over, bool]],
) -> None:
    """Steps in any order; deliveries between the parts of an end; an end that dies half-way."""
    with empty_cloud(), world(3) as here:
        for steps, late, over, dies in histories:
            paid, kept = here.paid(), len(here.kept())
            here.trigger()
            for step, (name, index) in steps:
                refused(partial(getattr(here, step), name, index))
            here.before_cancel = partial(happen, here, late, [dies])
            with contextlib.suppress(Killed):
                over(here)
            here.before_cancel = lambda: None
            if not here.run().is_over:
                over(here)
            check_all_is_kept(here, paid, kept)


class Killed(BaseException):
    """The process is gone."""


def happen(here: World, late: list[tuple[str, int]], dies: list[bool]) -> None:
    """Delivers the next, and kills the process once after the last."""
    if late:
        here.deliver(*late.pop())
    elif dies[0]:
        dies[0] = False
        raise Killed
