"""Which node runs when, over random graphs."""

import graphlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.graphs.schedule import (
    NodeStatus,
    Plan,
    critical_path,
    final_status,
    is_over,
    levels,
    makespan,
    ready,
    to_skip,
)
from tests.support.graphs import lengths, plans


@given(plans(), st.data())
def test_every_edge_is_respected_and_only_what_is_below_a_failure_is_skipped(
    plan: Plan, data: st.DataObject
) -> None:
    statuses: dict[str, NodeStatus] = dict.fromkeys(plan.order, "pending")
    begun: list[str] = []
    while not is_over(statuses):
        for skipped in to_skip(plan, statuses):
            statuses[skipped] = "skipped"
        may_begin = ready(plan, statuses)
        running = [one for one, status in statuses.items() if status == "running"]
        choices = [*(("begin", one) for one in may_begin), *(("end", one) for one in running)]
        if not choices:
            break
        what, one = data.draw(st.sampled_from(choices))
        if what == "begin":
            assert all(statuses[parent] == "succeeded" for parent in plan.parents[one])
            begun.append(one)
            statuses[one] = "running"
        else:
            statuses[one] = data.draw(st.sampled_from(["succeeded", "succeeded", "failed"]))
    assert is_over(statuses)
    assert len(begun) == len(set(begun))
    failed = {one for one, status in statuses.items() if status == "failed"}
    skipped = {one for one, status in statuses.items() if status == "skipped"}
    assert skipped == plan.downstream(failed) - failed
    assert set(begun) == set(plan.order) - skipped
    succeeded = set(begun) - failed
    expected = "partial" if succeeded else "failed"
    assert final_status(statuses) == (expected if failed else "succeeded")


@given(plans(), st.data(), st.integers(min_value=1, max_value=6))
def test_no_schedule_is_shorter_than_the_critical_path_nor_longer_than_grahams_bound(
    plan: Plan, data: st.DataObject, places: int
) -> None:
    seconds = data.draw(lengths(plan))
    path = critical_path(plan, seconds)
    assert path.seconds == sum(seconds[one] for one in path.node_ids)
    chain = path.node_ids
    assert all(chain[place] in plan.parents[one] for place, one in enumerate(chain[1:]))
    taken, work = makespan(plan, seconds, places), sum(seconds.values())
    assert path.seconds <= taken <= work / places + path.seconds * (1 - 1 / places) + 1e-9
    assert makespan(plan, seconds, len(plan.order)) == path.seconds
    by_levels = sum(max(seconds[one] for one in level) for level in levels(plan))
    assert path.seconds <= by_levels


@given(plans(), st.data())
def test_a_part_of_a_graph_has_all_that_its_nodes_need(plan: Plan, data: st.DataObject) -> None:
    targets = data.draw(st.lists(st.sampled_from(plan.order), unique=True))
    wanted = plan.upstream(targets)
    part = plan.only(wanted)
    assert set(targets) <= wanted
    assert all(part.parents[one] == plan.parents[one] for one in wanted)
    needed = {parent for one in wanted for parent in plan.parents[one]}
    assert wanted == needed | set(targets)
    assert list(part.order) == [one for one in plan.order if one in wanted]


def test_the_end_of_a_run_says_what_came_of_it() -> None:
    assert final_status({"a": "succeeded", "b": "succeeded"}) == "succeeded"
    assert final_status({"a": "succeeded", "b": "failed", "c": "skipped"}) == "partial"
    assert final_status({"a": "failed", "b": "skipped"}) == "failed"
    assert final_status({"a": "succeeded", "b": "canceled"}, is_canceled=True) == "canceled"
    assert final_status({"a": "succeeded"}, is_canceled=True) == "succeeded"


def test_a_plan_has_no_cycles() -> None:
    with pytest.raises(graphlib.CycleError):
        Plan.of({"a": ["b"], "b": ["a"]})
