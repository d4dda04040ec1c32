"""First in, first out, within the limits, whatever happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.dynamo import Table, transact
from showreel.core.errors import RateLimited
from showreel.runs.kinds import RunLimits
from showreel.runs.queue import Queue
from tests.support.histories import random_histories


def queue(table: Table, per_workspace: int = 1, in_all: int = 10, kind: str = "film") -> Queue:
    return Queue(table, kind, RunLimits(per_workspace=per_workspace, in_all=in_all))


def test_one_film_of_a_workspace_at_a_time_in_order(table: Table) -> None:
    films = queue(table)
    for number in range(3):
        transact([films.enqueue_write("a", f"run_{number}")])
    assert films.admit("a") == {"run_0"}
    assert [films.state("a").position(f"run_{n}") for n in range(3)] == [None, 1, 2]
    films.leave("a", "run_0")
    assert films.admit("a") == {"run_1"}


def test_another_workspace_and_another_kind_do_not_wait_behind_a_busy_one(table: Table) -> None:
    films, graphs = queue(table), queue(table, kind="graph")
    for workspace, run_id in (("a", "run_0"), ("a", "run_1"), ("b", "run_2")):
        films.enter(workspace, run_id)
    graphs.enter("a", "run_3")
    assert films.admit("a") == {"run_0"}
    assert films.admit("b") == {"run_2"}
    assert graphs.admit("a") == {"run_3"}


def test_a_waiting_run_can_leave_and_entering_twice_is_once(table: Table) -> None:
    films = queue(table)
    for number in (0, 1, 1, 0):
        films.enter("a", f"run_{number}")
    films.admit("a")
    films.enter("a", "run_0")
    films.leave("a", "run_1")
    films.leave("a", "run_1")
    assert films.state("a").waiting == []
    assert list(films.state("a").running) == ["run_0"]


def test_triggers_of_two_workspaces_share_no_row(table: Table) -> None:
    """Else every trigger of all tenants would meet in one transaction."""
    films = queue(table)
    writes = [films.enqueue_write(workspace, "run_0") for workspace in "ab"]
    assert len({write.request["Key"]["pk"]["S"] for write in writes}) == 2


@random_histories
@given(
    steps=st.lists(st.tuples(st.sampled_from(["enter", "leave", "admit"]), st.integers(0, 7))),
    per_workspace=st.integers(1, 2),
    in_all=st.integers(1, 3),
)
def test_limits_hold_and_order_is_kept(
    table: Table, steps: list[tuple[str, int]], per_workspace: int, in_all: int
) -> None:
    films = queue(table, per_workspace, in_all)
    for workspace in "ab":
        for run_id in (*films.state(workspace).waiting, *films.state(workspace).running):
            films.leave(workspace, run_id)
    arrived: dict[str, list[str]] = {"a": [], "b": []}
    for step, number in steps:
        workspace, run_id = "ab"[number % 2], f"run_{number}"
        if step == "enter":
            films.enter(workspace, run_id)
            arrived[workspace] += [run_id] if run_id not in arrived[workspace] else []
        elif step == "leave":
            films.leave(workspace, run_id)
            arrived[workspace] = [other for other in arrived[workspace] if other != run_id]
        else:
            films.admit(workspace)
        states = {name: films.state(name) for name in "ab"}
        running = states["a"].running | states["b"].running
        assert len(running) <= in_all
        assert films.placed() == running, "a place is freed with its run"
        for name, state in states.items():
            assert len(state.running) <= per_workspace
            assert sorted((*state.waiting, *state.running)) == sorted(arrived[name])
            assert state.waiting == [one for one in arrived[name] if one in state.waiting]


def test_a_place_that_a_dead_process_took_is_the_runs_own(table: Table) -> None:
    films = queue(table, in_all=1)
    films.enter("a", "run_0")
    films.enter("b", "run_1")
    assert films._take("run_0")  # and the process is gone
    assert films.admit("b") == set()
    assert films.admit("a") == {"run_0"}
    films.leave("a", "run_0")
    assert films.admit("b") == {"run_1"}


def test_a_run_that_leaves_while_it_is_admitted_keeps_no_place(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = queue(table)
    films.enter("a", "run_0")
    take = films._take

    def take_late(run_id: str) -> bool:
        films.leave("a", run_id)
        return take(run_id)

    monkeypatch.setattr(films, "_take", take_late)
    assert films.admit("a") == set()
    assert films.placed() == set()


def test_a_workspace_fills_no_row(table: Table) -> None:
    films = queue(table)
    row = {"pk": "queue#film#a", "sk": "queue", "waiting": [f"run_{n}" for n in range(1000)]}
    table.put(row)
    with pytest.raises(RateLimited):
        films.enqueue_write("a", "run_1000")
    films.enqueue_write("b", "run_1000")
