"""First in, first out, within the limits, whatever happens."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showreel.core.dynamo import Table, transact
from showreel.films.pipeline.queue import Limits, Place, Queue


def place(number: int, workspace: str = "a") -> Place:
    return Place(run_id=f"run_{number}", workspace_id=workspace)


def test_one_film_of_a_workspace_at_a_time_in_order(table: Table) -> None:
    queue = Queue(table, Limits(per_workspace=1, in_all=10))
    for number in range(3):
        transact([queue.enqueue_write(queue.state(), place(number))])
    assert queue.admit() == ["run_0"]
    assert [queue.state().position(f"run_{n}") for n in range(3)] == [None, 1, 2]
    queue.leave("run_0")
    assert queue.admit() == ["run_1"]


def test_another_workspace_does_not_wait_behind_a_busy_one(table: Table) -> None:
    queue = Queue(table, Limits(per_workspace=1, in_all=10))
    for number, workspace in enumerate("aab"):
        queue.enter(place(number, workspace))
    assert queue.admit() == ["run_0", "run_2"]


def test_a_waiting_run_can_leave_and_entering_twice_is_once(table: Table) -> None:
    queue = Queue(table, Limits(per_workspace=1, in_all=10))
    for number in (0, 1, 1, 0):
        queue.enter(place(number))
    queue.admit()
    queue.enter(place(0))
    queue.leave("run_1")
    queue.leave("run_1")
    assert queue.state().waiting == []
    assert [running.run_id for running in queue.state().running] == ["run_0"]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(st.tuples(st.sampled_from(["enter", "leave", "admit"]), st.integers(0, 7))),
    per_workspace=st.integers(1, 2),
    in_all=st.integers(1, 3),
)
def test_limits_hold_and_order_is_kept(
    table: Table, steps: list[tuple[str, int]], per_workspace: int, in_all: int
) -> None:
    queue = Queue(table, Limits(per_workspace=per_workspace, in_all=in_all))
    for run_id in [p.run_id for p in (*queue.state().waiting, *queue.state().running)]:
        queue.leave(run_id)
    arrived: list[str] = []
    for step, number in steps:
        one = place(number, "ab"[number % 2])
        if step == "enter":
            queue.enter(one)
            arrived += [one.run_id] if one.run_id not in arrived else []
        elif step == "leave":
            queue.leave(one.run_id)
            arrived = [run_id for run_id in arrived if run_id != one.run_id]
        else:
            queue.admit()
        state = queue.state()
        assert len(state.running) <= in_all
        for workspace in "ab":
            assert sum(p.workspace_id == workspace for p in state.running) <= per_workspace
        assert sorted(p.run_id for p in (*state.waiting, *state.running)) == sorted(arrived)
        waiting = [p.run_id for p in state.waiting]
        assert waiting == [run_id for run_id in arrived if run_id in waiting]
