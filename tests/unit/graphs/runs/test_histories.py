"""Random graphs whose processes die at any call: whatever happens, the run ends right."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showreel.graphs.models import Step
from showreel.graphs.runs.kind import graphs
from showreel.runs.models import Run
from tests.support.cloud import empty_cloud
from tests.unit.graphs.runs.world import (
    ARN,
    PRICE,
    Floor,
    begin,
    events,
    floor,
    look,
    money_is_sound,
    picture,
    spent,
    text,
)


@dataclass(frozen=True)
class History:
    """A graph, which of its nodes fail, and the chance of a death at each call."""

    parents: tuple[tuple[int, ...], ...]
    failing: frozenset[int]
    seed: int
    mortality: float

    def nodes(self) -> list[Step]:
        """A word at the beginning, pictures after it."""
        return [
            picture(f"n{at}", *(f"n{parent}" for parent in parents))
            if parents or at % 3
            else text(f"n{at}", "w")
            for at, parents in enumerate(self.parents)
        ]

    def below(self, stopped: set[str]) -> set[str]:
        """The descendants of some nodes, without these."""
        found: set[str] = set()
        for at, parents in enumerate(self.parents):
            if any(f"n{parent}" in stopped | found for parent in parents):
                found.add(f"n{at}")
        return found - stopped


@st.composite
def histories(draw: st.DrawFn) -> History:
    size = draw(st.integers(1, 8))
    parents = tuple(
        tuple(sorted(draw(st.sets(st.integers(0, at - 1), max_size=3)))) if at else ()
        for at in range(size)
    )
    failing = draw(st.frozensets(st.integers(0, size - 1), max_size=2))
    mortality = draw(st.sampled_from([0.0, 0.02, 0.05]))
    return History(parents, failing, draw(st.integers(0, 999)), mortality)


def edges_are_respected(history: History, told: list[dict[str, Any]]) -> None:
    done: set[str] = set()
    for one in told:
        needs = {f"n{parent}" for parent in history.parents[int(one["node_id"][1:])]}
        if one["status"] in {"running", "succeeded"}:
            assert needs <= done
        if one["status"] == "succeeded":
            done.add(one["node_id"])


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(histories())
def test_every_edge_is_respected_and_each_node_made_and_paid_at_most_once(history: History) -> None:
    with empty_cloud(), floor(seed=history.seed, mortality=history.mortality) as here:
        here.vendor.refused.update(f"n{at}" for at in history.failing)
        run = begin(history.nodes())
        here.play()
        told = events(run.id, "node_status")
        edges_are_respected(history, told)
        ended = {one["node_id"]: one["status"] for one in told if one["status"] != "running"}
        assert Counter(one["node_id"] for one in told if one["status"] != "running") == Counter(
            ended.keys()
        )
        assert len(ended) == len(history.parents)
        stopped = {one for one, status in ended.items() if status == "failed"}
        skipped = {one for one, status in ended.items() if status == "skipped"}
        assert skipped == history.below(stopped)
        assert all(count == 1 for count in here.vendor.billed.values())
        paid = [one for one in told if one.get("credits")]
        assert spent() == len(paid) * PRICE == look(run.id).credits.posted
        assert spent() <= run.credits.held
        last_is_last_and_after_the_money(run)


def last_is_last_and_after_the_money(run: Run) -> None:
    """There is one last event, and nothing is held any more."""
    money_is_sound()
    ended = [one for one in events(run.id, "status") if one["finishedAt"]]
    assert len(ended) == 1
    assert ended[0]["credits"]["posted"] + ended[0]["credits"]["released"] == run.credits.held


@pytest.mark.parametrize("seed", range(3))
def test_a_cancel_at_any_moment_ends_the_run_with_its_money(cloud: Any, seed: int) -> None:
    with floor(seed=seed, mortality=0.02) as here:
        nodes = [picture("a"), picture("b", "a"), picture("c", "a"), picture("d", "b", "c")]
        run = begin(nodes)
        steps = here.dice.randrange(4, 30)
        _play(here, steps)
        here.task(lambda: _cancel(run.id))
        here.play()
        over = look(run.id)
        assert over.is_over
        assert spent() == over.credits.posted
        made = [one for one in events(run.id, "node_status") if one.get("credits")]
        assert spent() == PRICE * len(made), "what is paid is told of"
        last_is_last_and_after_the_money(run)


def _play(here: Floor, steps: int) -> None:
    left = iter(range(steps))
    here.play(until=lambda: next(left, None) is None)


def _cancel(run_id: str) -> None:
    run = look(run_id)
    if not run.is_over:
        graphs(ARN).cancel(run)


def test_a_run_whose_execution_dies_is_ended_by_the_sweep_with_what_it_made(cloud: Any) -> None:
    with floor() as here:
        run = begin([picture("a"), picture("b", "a"), picture("c", "b")])
        here.play(until=lambda: "b" in here.vendor.orders)
        here.graphs.clear()
        here.play()
        graphs(ARN).execution_died(look(run.id))
        over = look(run.id)
        assert (over.status, over.output and over.output["completedNodes"]) == ("failed", 2)
        told = {one["node_id"]: one["status"] for one in events(run.id, "node_status")}
        assert told == {"a": "succeeded", "b": "succeeded"}
        again = begin([picture("a"), picture("b", "a"), picture("c", "b")], "request-2")
        here.play()
        assert look(again.id).credits.posted == PRICE, "what was paid is there already"
        last_is_last_and_after_the_money(again)
