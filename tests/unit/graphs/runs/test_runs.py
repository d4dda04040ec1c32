"""A graph's run: each node once, as soon as it can, paid once, and the end after the money."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from showreel.core.errors import InsufficientCredits
from showreel.graphs.models import Step
from showreel.graphs.runs import making
from showreel.graphs.runs.cache import Cache, Maker
from showreel.graphs.runs.kind import graphs
from tests.unit.graphs.runs.world import (
    ARN,
    PRICE,
    PROJECT,
    Floor,
    begin,
    events,
    floor,
    look,
    money_is_sound,
    outputs,
    picture,
    spent,
    text,
)


@pytest.fixture
def here(cloud: Any) -> Iterator[Floor]:
    with floor() as made:
        yield made


def test_nodes_run_after_those_that_they_need_and_are_paid_once(here: Floor) -> None:
    nodes = [
        text("t", "a"),
        picture("a"),
        picture("b", "a"),
        picture("c", "a"),
        picture("d", "b", "c"),
    ]
    run = begin(nodes)
    assert run.credits.held == 4 * PRICE
    here.play()
    over = look(run.id)
    assert (over.status, over.output["status"]) == ("completed", "succeeded")
    told = events(run.id, "node_status")
    order = [(one["node_id"], one["status"]) for one in told]
    assert order.index(("a", "succeeded")) < order.index(("b", "running"))
    assert order.index(("c", "succeeded")) < order.index(("d", "running"))
    assert spent() == 4 * PRICE
    assert over.credits.posted == 4 * PRICE
    money_is_sound()
    assert not here.timeouts


def chain(*node_ids: str) -> list[Step]:
    return [
        picture(one, *([node_ids[place - 1]] if place else []))
        for place, one in enumerate(node_ids)
    ]


def statuses(run_id: str) -> dict[str, str]:
    """What was told of each node last."""
    return {one["node_id"]: one["status"] for one in events(run_id, "node_status")}


def ended(run_id: str) -> list[dict[str, Any]]:
    """What was told of nodes that are over."""
    return [one for one in events(run_id, "node_status") if one["status"] != "running"]


def test_what_needs_a_failed_node_is_skipped_and_the_rest_goes_on(here: Floor) -> None:
    nodes = [*chain("a", "b", "c"), picture("x"), picture("y", "x", "b")]
    here.vendor.refused.add("b")
    run = begin(nodes)
    here.play()
    assert statuses(run.id) == {
        "a": "succeeded",
        "b": "failed",
        "c": "skipped",
        "x": "succeeded",
        "y": "skipped",
    }
    failure = next(one for one in events(run.id, "node_status") if one["status"] == "failed")
    assert failure["code"] == "content_policy"
    assert look(run.id).output == {
        "status": "partial",
        "projectId": PROJECT,
        "totalNodes": 5,
        "completedNodes": 2,
        "failedNodes": 1,
        "skippedNodes": 2,
        "cachedNodes": 0,
    }
    assert spent() == 2 * PRICE
    money_is_sound()


def test_a_run_without_any_success_has_failed(here: Floor) -> None:
    here.vendor.refused.add("a")
    run = begin(chain("a", "b"))
    here.play()
    assert (look(run.id).status, look(run.id).output["status"]) == ("failed", "failed")
    assert spent() == 0
    money_is_sound()


def test_a_node_is_tried_again_as_often_as_it_says(here: Floor) -> None:
    here.vendor.failures.update(a=4, b=9)  # a job alone tries three times
    run = begin([picture("a", retries=1), picture("b", retries=1)])
    here.play()
    assert statuses(run.id) == {"a": "succeeded", "b": "failed"}
    assert here.vendor.failures["b"] == 3
    assert spent() == PRICE
    money_is_sound()


def test_a_second_run_makes_and_costs_nothing(here: Floor) -> None:
    nodes = [*chain("a", "b"), picture("x")]
    first = begin(nodes)
    here.play()
    second = begin(nodes, "request-2")
    assert second.credits.held == 0
    here.play()
    assert {one["node_id"] for one in ended(second.id) if one["cached"]} == {"a", "b", "x"}
    assert outputs(second.id) == outputs(first.id)
    assert spent() == 3 * PRICE
    assert look(second.id).output["cachedNodes"] == 3


def test_a_changed_node_and_what_is_below_it_are_made_again_and_nothing_else(here: Floor) -> None:
    nodes = [*chain("a", "b", "c"), picture("x"), picture("y", "x")]
    begin(nodes)
    here.play()
    nodes[1] = picture("b", "a", prompt="another")
    second = begin(nodes, "request-2")
    here.play()
    told = {one["node_id"]: one["cached"] for one in ended(second.id)}
    assert told == {"a": True, "b": False, "c": False, "x": True, "y": True}
    assert spent() == 7 * PRICE
    assert look(second.id).credits.posted == 2 * PRICE


def test_without_the_cache_everything_is_made_again_and_kept_instead(here: Floor) -> None:
    nodes = chain("a", "b")
    first = begin(nodes)
    here.play()
    second = begin(nodes, "request-2", use_cache=False)
    here.play()
    assert outputs(second.id) != outputs(first.id)
    third = begin(nodes, "request-3")
    here.play()
    assert outputs(third.id) == outputs(second.id)
    assert spent() == 4 * PRICE


def test_two_runs_that_need_the_same_make_it_once(here: Floor) -> None:
    nodes = chain("a", "b", "c")
    first, second = begin(nodes), begin(nodes, "request-2")
    here.play()
    assert outputs(first.id) == outputs(second.id)
    assert here.vendor.orders == {"a": 1, "b": 1, "c": 1}
    assert spent() == 3 * PRICE
    assert not here.timeouts, "each is woken by the other"
    money_is_sound()


def test_what_was_made_between_a_look_and_a_claim_is_not_made_again(
    here: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run keeps an output, and gives up its claim, after this one has found none."""
    real, first, second = Cache.claim, begin([picture("a")]), begin([picture("a")], "request-2")

    def late(cache: Cache, key: str, maker: Maker, until: int) -> bool:
        if maker.run_id == second.id and first.id in here.graphs:
            waiting = here.graphs.pop(second.id)
            here.play()
            here.graphs[second.id] = waiting
        return real(cache, key, maker, until)

    monkeypatch.setattr(Cache, "claim", late)
    here._step_run(second.id)
    here.play()
    assert outputs(first.id) == outputs(second.id)
    assert (here.vendor.orders, spent()) == ({"a": 1}, PRICE)
    assert not here.timeouts
    money_is_sound()


def test_what_another_run_fails_to_make_is_made_by_the_one_that_waited(here: Floor) -> None:
    here.vendor.failures["a"] = 3
    first, second = begin([picture("a")]), begin([picture("a")], "request-2")
    here.play()
    assert sorted([*statuses(first.id).values(), *statuses(second.id).values()]) == [
        "failed",
        "succeeded",
    ]
    assert not here.timeouts
    money_is_sound()


def test_what_a_canceled_run_was_making_is_made_by_the_one_that_waited(here: Floor) -> None:
    here.vendor.slow.add("a")
    first, second = begin([picture("a")]), begin([picture("a")], "request-2")
    here.play(until=lambda: here.vendor.open and here.timeouts > 1)
    making = first if statuses(first.id) else second
    graphs(ARN).cancel(look(making.id))
    here.vendor.slow.clear()
    here.play()
    other = second if making is first else first
    assert statuses(other.id) == {"a": "succeeded"}
    assert len(here.vendor.canceled) == 1
    money_is_sound()


def test_no_more_nodes_run_at_once_than_may(here: Floor) -> None:
    run = begin([picture(f"n{number}") for number in range(11)])
    here.play()
    running, most = set(), 0
    for one in events(run.id, "node_status"):
        (running.add if one["status"] == "running" else running.discard)(one["node_id"])
        most = max(most, len(running))
    assert most == 4 == here.vendor.most


def test_of_ready_nodes_the_one_before_most_of_the_work_goes_first(cloud: Any) -> None:
    with floor(environment={"NODE_CONCURRENCY": "1"}) as here:
        nodes = [picture("x"), picture("y"), *chain("a", "b", "c")]
        run = begin(nodes)
        here.play()
        told = [one for one in events(run.id, "node_status") if one["status"] == "running"]
        assert [one["node_id"] for one in told][:2] == ["a", "b"]


def test_a_cancel_stops_what_runs_keeps_what_is_made_and_returns_the_rest(here: Floor) -> None:
    here.vendor.slow.update("bx")
    run = begin([*chain("a", "b", "c"), picture("x")])
    here.play(until=lambda: {"b", "x"} <= here.vendor.orders.keys())
    canceled = graphs(ARN).cancel(look(run.id))
    assert canceled.status == "canceled"
    assert canceled.output["status"] == "canceled"
    assert statuses(run.id)["a"] == "succeeded"
    assert len(here.vendor.canceled) == 2
    assert not here.vendor.open
    assert spent() == PRICE
    assert canceled.credits.released == 3 * PRICE
    money_is_sound()


def test_progress_of_a_long_node_is_reported(here: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    here.vendor.slow.add("a")
    percents = itertools.cycle([10, 12, 30, 30, 55])
    monkeypatch.setattr(making, "progress", lambda _job, _now: next(percents))
    run = begin([picture("a")])
    here.play(until=lambda: here.tries["advance"] > 4)
    told = [one["progress"] for one in events(run.id, "node_progress")]
    assert told == sorted(set(told))
    assert len(told) > 1


def test_the_same_request_is_the_same_run(here: Floor) -> None:
    first, again = begin(chain("a")), begin(chain("a"))
    assert first.id == again.id
    here.play()
    assert begin(chain("a")).id == first.id
    assert spent() == PRICE


def test_without_the_credits_nothing_begins(cloud: Any) -> None:
    with floor(granted=PRICE) as here:
        with pytest.raises(InsufficientCredits):
            begin(chain("a", "b"))
        assert not here.graphs
        money_is_sound()


def test_a_node_whose_input_cannot_be_used_fails_alone(here: Floor) -> None:
    run = begin([text("t", "bad"), text("u", "fine", "t"), picture("x")])
    here.play()
    assert statuses(run.id) == {"t": "failed", "u": "skipped", "x": "succeeded"}
    money_is_sound()


def test_a_graph_of_500_nodes_needs_few_steps(here: Floor) -> None:
    nodes = [
        text(f"n{number}", "w", *([f"n{number - 1}"] if number else [])) for number in range(500)
    ]
    run = begin(nodes)
    here.play()
    assert look(run.id).output["completedNodes"] == 500
    assert len(events(run.id, "node_status")) == 500
    assert here.tries["advance"] == 1
