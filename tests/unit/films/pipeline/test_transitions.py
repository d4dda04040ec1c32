"""Whatever order pieces finish in: every transition is made once, after both its neighbours."""

from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showreel.core.dynamo import transact
from showreel.core.ids import new_id
from showreel.films.pipeline.pieces import Piece, Pieces, piece_name
from showreel.films.pipeline.plan import Plan, TransitionType
from showreel.films.pipeline.progress import piece_finished
from showreel.films.pipeline.transitions import claim_next
from showreel.runs.models import Run
from showreel.runs.store import Runs
from tests.unit.films.pipeline.support import make_plan, make_run

Outcome = Literal["done", "failed"]


def finish(pieces: Pieces, plan: Plan, piece: Piece, status: Outcome = "done") -> None:
    finished = piece.model_copy(update={"status": status})
    pieces.finish(finished)
    piece_finished(plan, finished)


def clip(index: int) -> Piece:
    return Piece(kind="clip", index=index)


def test_a_transition_waits_for_both_neighbours(wired: Pieces, run: Run) -> None:
    plan = make_plan(["seamless", "crossfade"])
    finish(wired, plan, clip(0))
    assert claim_next(plan, 0).route == "none"
    finish(wired, plan, clip(2))
    assert claim_next(plan, 2).route == "none"
    finish(wired, plan, clip(1))
    claimed = claim_next(plan, 1)
    assert (claimed.route, claimed.index) == ("seamless", 0)


def test_a_repeated_step_gets_its_own_transition_again(wired: Pieces, run: Run) -> None:
    plan = make_plan(["seamless", "seamless"])
    for index in range(3):
        finish(wired, plan, clip(index))
    first = claim_next(plan, 1)
    assert claim_next(plan, 1) == first
    assert claim_next(plan, 2).index != first.index


def test_a_failed_clip_makes_its_transitions_cuts(wired: Pieces, run: Run, runs: Runs) -> None:
    plan = make_plan(["seamless", "seamless", "seamless"])
    for index, outcome in enumerate(("done", "failed", "done", "done")):
        finish(wired, plan, clip(index), outcome)  # type: ignore[arg-type]
    assert claim_next(plan, 3).index == 2
    transitions = [wired.all(plan)[piece_name("transition", index)] for index in range(2)]
    assert [(transition.transition_type, transition.status) for transition in transitions] == [
        ("cut", "done")
    ] * 2


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kinds=st.lists(st.sampled_from(["seamless", "crossfade", "cut"]), min_size=1, max_size=5),
    data=st.data(),
)
def test_any_schedule_ends_with_every_transition_made_once(
    wired: Pieces, runs: Runs, kinds: list[TransitionType], data: st.DataObject
) -> None:
    run_id = new_id("run")
    plan = make_plan(kinds).model_copy(update={"run_id": run_id})
    pieces = Pieces(wired._table, run_id)
    transact(runs.create_writes(make_run(run_id)))
    outcomes = {i: data.draw(st.sampled_from(["done", "failed"])) for i in range(len(kinds) + 1)}
    working: list[tuple[int, Piece]] = [(i, clip(i)) for i in outcomes]
    made: list[int] = []
    while working:
        owner, piece = working.pop(data.draw(st.integers(0, len(working) - 1)))
        outcome = outcomes[piece.index] if piece.kind == "clip" else "done"
        finish(pieces, plan, piece, outcome)
        following = claim_next(plan, owner)
        if following.route != "none":
            stored = pieces.all(plan)
            neighbours = [stored[piece_name("clip", following.index + i)] for i in (0, 1)]
            assert all(neighbour.status == "done" for neighbour in neighbours)
            made.append(following.index)
            kind = "seamless" if following.route == "seamless" else "crossfade"
            transition = Piece(kind="transition", index=following.index, transition_type=kind)
            working.append((owner, transition))
    assert sorted(made) == [
        index
        for index, kind in enumerate(kinds)
        if kind != "cut" and outcomes[index] == outcomes[index + 1] == "done"
    ]
    assert all(piece.is_over for piece in pieces.all(plan).values())


def test_progress_counts_each_piece_once_and_never_falls(
    wired: Pieces, run: Run, runs: Runs
) -> None:
    plan = make_plan(["cut"] * 3)
    seen = []
    for index in (2, 0, 2, 1, 0, 3):
        finish(wired, plan, clip(index))
        seen.append(runs.get(run.id).progress.progress)
    assert seen == sorted(seen)
    assert len(runs.get(run.id).state["pieces_done"]) == 4


@pytest.mark.parametrize("after", [0, 1, 3])
def test_events_are_numbered_and_resume(wired: Pieces, run: Run, runs: Runs, after: int) -> None:
    plan = make_plan(["cut"] * 3)
    for index in range(4):
        finish(wired, plan, clip(index))
    assert [event.number for event in runs.events(run.id, after)] == list(range(after + 1, 6))
