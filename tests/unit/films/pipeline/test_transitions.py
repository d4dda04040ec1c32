"""Whatever order pieces finish in: every transition is made once, after both its neighbours."""

import threading
from collections.abc import Callable
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core import dynamo
from showreel.core.dynamo import transact
from showreel.core.ids import new_id
from showreel.films.pipeline import transitions
from showreel.films.pipeline.pieces import PieceRow, Pieces, piece_name
from showreel.films.pipeline.plan import FilmPlan, TransitionType
from showreel.films.pipeline.progress import piece_finished
from showreel.films.pipeline.transitions import go_on
from showreel.runs.models import Run
from showreel.runs.store import Runs
from tests.support.histories import random_histories
from tests.unit.films.pipeline.support import make_plan, make_run

Outcome = Literal["done", "failed"]


Answers = dict[str, str]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """How each waiting state ends; only the first answer to a token counts."""
    given: Answers = {}
    monkeypatch.setattr(
        transitions, "answer_token", lambda token, _: given.setdefault(token, "none")
    )
    monkeypatch.setattr(
        transitions, "refuse_token", lambda token, route, _: given.setdefault(token, route)
    )
    return given


def over(pieces: Pieces, plan: FilmPlan, index: int, status: Outcome = "done") -> None:
    """Clip `index` is over, and its iteration goes on; its state has the token `t<index>`."""
    finish(pieces, plan, clip(index), status)
    go_on(plan, index, f"t{index}")


def finish(pieces: Pieces, plan: FilmPlan, piece: PieceRow, status: Outcome = "done") -> None:
    finished = piece.model_copy(update={"status": status})
    pieces.put(finished)
    piece_finished(plan, finished)


def clip(index: int) -> PieceRow:
    return PieceRow(kind="clip", index=index)


def test_a_transition_waits_for_both_neighbours(wired: Pieces, run: Run, answers: Answers) -> None:
    plan = make_plan(["seamless", "crossfade"])
    over(wired, plan, 0)
    over(wired, plan, 2)
    assert answers == {"t2": "none"}, "no transition follows the last clip"
    over(wired, plan, 1)
    assert answers == {"t2": "none", "t0": "seamless", "t1": "crossfade"}


def test_a_repeated_step_gets_the_same_answer_under_its_new_token(
    wired: Pieces, run: Run, answers: Answers
) -> None:
    plan = make_plan(["seamless", "cut"])
    over(wired, plan, 0)
    go_on(plan, 0, "again")
    over(wired, plan, 1)
    assert answers == {"again": "seamless", "t1": "none"}
    go_on(plan, 1, "t1-again")
    assert answers["t1-again"] == "none"


def test_a_failed_clip_makes_its_transitions_cuts(
    wired: Pieces, run: Run, runs: Runs, answers: Answers
) -> None:
    plan = make_plan(["seamless", "seamless", "seamless"])
    for index, outcome in enumerate(("done", "failed", "done", "done")):
        over(wired, plan, index, outcome)  # type: ignore[arg-type]
    assert answers == {"t0": "none", "t1": "none", "t2": "seamless", "t3": "none"}
    made = [wired.all(plan)[piece_name("transition", index)] for index in range(2)]
    assert [(transition.transition_type, transition.status) for transition in made] == [
        ("cut", "done")
    ] * 2


@random_histories
@given(
    kinds=st.lists(st.sampled_from(["seamless", "crossfade", "cut"]), min_size=1, max_size=5),
    data=st.data(),
)
def test_in_any_order_of_calls_every_transition_is_made_once_and_no_state_waits_for_ever(
    wired: Pieces, runs: Runs, answers: Answers, kinds: list[TransitionType], data: st.DataObject
) -> None:
    """Steps of different clips, each stopped between its calls to the table."""
    run_id = new_id("run")
    answers.clear()
    plan = make_plan(kinds).model_copy(update={"run_id": run_id})
    pieces = Pieces(wired._table, run_id)
    transact(runs.create_writes(make_run(run_id)))
    outcomes = {i: data.draw(st.sampled_from(["done", "failed"])) for i in range(len(kinds) + 1)}
    turns: list[int] = data.draw(st.permutations([i for i in outcomes for _ in range(6)]))
    step_by_step(
        turns,
        [lambda i=i: over(pieces, plan, i, outcomes[i]) for i in outcomes],  # type: ignore[misc]
    )
    made = {
        f"t{index}": kind
        for index, kind in enumerate(kinds)
        if kind != "cut" and outcomes[index] == outcomes[index + 1] == "done"
    }
    assert answers == {f"t{index}": "none" for index in outcomes} | made
    rows = [pieces.all(plan)[piece_name("transition", i)] for i in range(len(kinds))]
    assert [one.is_over for one in rows] == [f"t{i}" not in made for i in range(len(kinds))]


def step_by_step(turns: list[int], works: list[Callable[[], None]]) -> None:
    """Runs the works in threads of which one goes on at a time, from one call to AWS to the next,
    in the order of `turns`; then each to its end.
    """
    gates = [threading.Semaphore(0) for _ in works]
    arrived = threading.Semaphore(0)
    number = threading.local()
    real_call = dynamo._call
    free = threading.Event()

    def call(*args: Any, **options: Any) -> Any:
        if not free.is_set() and hasattr(number, "own"):
            arrived.release()
            gates[number.own].acquire()
        return real_call(*args, **options)

    def run(own: int) -> None:
        number.own = own
        try:
            works[own]()
        finally:
            finished.add(own)
            arrived.release()

    finished: set[int] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamo, "_call", call)
        threads = [threading.Thread(target=run, args=(own,)) for own in range(len(works))]
        for thread in threads:
            thread.start()
            arrived.acquire()
        for own in turns:
            if own not in finished:
                gates[own].release()
                arrived.acquire()
        free.set()
        for gate, thread in zip(gates, threads, strict=True):
            gate.release()
            thread.join()


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
