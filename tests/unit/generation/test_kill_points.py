"""A process may die before or after any call to AWS or a vendor. Whatever it does, one job costs
once, is billed once per attempt key, ends, and its parent hears of it.
"""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core import dynamo
from showreel.core.errors import (
    ProviderContentPolicy,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.generation.engine import Engine
from showreel.generation.models import Job
from showreel.generation.service import cancel, create_job
from showreel.generation.store import Jobs
from showreel.providers.base import Failed, Pending, SubmitUnknown
from tests.support.histories import random_histories
from tests.unit.generation.support import (
    START_SECONDS,
    FakeVendor,
    Killed,
    Machine,
    ledger_is_sound,
    request,
)

MODES = ("before", "after")
CALLS_OF_A_JOB = 24


class Reaper:
    """Kills the process at given calls, before them or after they had their effect."""

    def __init__(self, kills: dict[int, str]) -> None:
        self.kills = dict(kills)
        self.calls = 0

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def killing(*args: Any, **options: Any) -> Any:
            self.calls += 1
            mode = self.kills.pop(self.calls, None)
            if mode == "before":
                raise Killed
            answer = work(*args, **options)
            if mode == "after":
                raise Killed
            return answer

        return killing


@pytest.fixture
def world(engine, clock, answers, results, monkeypatch):
    """Runs one job under a reaper, in a workspace of its own; tables are shared by examples."""
    numbers = itertools.count()
    real_call = dynamo._call
    modules = [
        "showreel.generation.tokens.answer_token",
        "showreel.generation.steps.await_webhook.answer_token",
    ]

    seen: list[Job] = []
    real_applied = Jobs._applied

    def watched(*args: Any) -> Job:
        seen.append(real_applied(*args))
        return seen[-1]

    monkeypatch.setattr(Jobs, "_applied", watched)

    def run(
        kills: dict[int, str],
        vendor: FakeVendor,
        cancel_after: int | None = None,
        **changes: Any,
    ) -> tuple[Job, Reaper, Engine]:
        name = f"n{next(numbers)}"
        clock.seconds = START_SECONDS
        engine.ledger.grant(name, 100, "welcome")
        reaper = Reaper(kills)
        on = Engine(engine.jobs, engine.ledger, lambda _: vendor)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dynamo, "_call", reaper.around(real_call))
            for target in modules:
                patch.setattr(target, reaper.around(answers_of(answers)))
            patch.setattr(results.storage, "put_file", reaper.around(results.storage.put_file))
            for verb in ("submit", "poll", "find"):
                setattr(vendor, verb, reaper.around(getattr(vendor, verb)))
            machine = Machine(on, clock, lambda _: pytest.fail("no rendering here"), attempts=30)
            sent = request(name, workspace_id=name, parent_token=f"parent-{name}", **changes)
            machine._task(lambda: create_job(on, sent))
            if cancel_after is None:
                job = machine.run(name)
            else:
                job = canceled_after(machine, name, cancel_after)
            never_backwards([state for state in seen if state.job_id == name])
            return job, reaper, on

    return run


def answers_of(answers: Any) -> Callable[..., None]:
    return lambda token, output: answers.sent.append((token, dict(output)))


def canceled_after(machine: Machine, name: str, steps: int) -> Job:
    route = "submit"
    for _ in range(steps):
        if route in ("end", "release"):
            break
        route = machine._go(route, name)
    machine._task(lambda: cancel(machine.engine, name))
    return machine.run(name)


ORDER = ["queued", "submitting", "processing", "storing", "completed"]


def never_backwards(states: list[Job]) -> None:
    """I6: attempts count up, statuses go forwards within one, an end stays as it is."""
    for before, after in itertools.pairwise(states):
        assert before.attempt.number <= after.attempt.number
        if before.is_finished:
            assert (after.status, after.finished_at) == (before.status, before.finished_at)
        elif before.attempt.number == after.attempt.number and after.status not in (
            "failed",
            "canceled",
        ):
            assert ORDER.index(before.status) <= ORDER.index(after.status)


def check(job: Job, vendor: FakeVendor, on: Engine, answers: Any) -> None:
    assert job.is_finished
    assert job.settled_at
    assert on.ledger.open_holds(job.workspace_id) == []
    ledger_is_sound(on, job.workspace_id)
    charged = 100 - on.ledger.account(job.workspace_id).balance
    assert charged == job.credits_debited
    if job.terms.capture_on == "delivery":
        assert charged == (30 if job.status == "completed" else 0)
    assert set(vendor.billed.values()) <= {1}
    heard = answers.of(f"parent-{job.job_id}")
    assert heard
    assert {answer["status"] for answer in heard} == {job.status}


@pytest.mark.deep
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("call", range(1, CALLS_OF_A_JOB + 1))
def test_a_kill_at_every_call_of_a_job(world, answers, call, mode):
    vendor = FakeVendor()
    job, reaper, on = world({call: mode}, vendor)
    assert job.status == "completed"
    assert len(vendor.created) == 1
    assert call <= reaper.calls
    check(job, vendor, on, answers)


def test_the_calls_of_a_job_are_all_covered(world):
    _, reaper, _ = world({}, FakeVendor())
    assert reaper.calls == CALLS_OF_A_JOB


@pytest.mark.deep
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("call", range(4, 14))
def test_a_kill_around_a_paid_acceptance(world, answers, call, mode):
    vendor = FakeVendor(poll_script=[Failed(ProviderUpstream("failed"))])
    job, _, on = world({call: mode}, vendor, capture_on="acceptance")
    assert job.status == "completed"
    assert job.credits_debited == 30
    check(job, vendor, on, answers)


SUBMITS = st.sampled_from(
    [None, "lost", SubmitUnknown("lost reply"), ProviderUpstream("500"), ProviderRateLimited("429")]
)
POLLS = st.sampled_from(
    [
        Pending(),
        ProviderUpstream("500"),
        Failed(ProviderUpstream("failed")),
        Failed(ProviderContentPolicy("no")),
    ]
)


@random_histories
@given(
    kills=st.dictionaries(st.integers(1, 60), st.sampled_from(MODES), max_size=6),
    submits=st.lists(SUBMITS, max_size=4),
    polls=st.lists(POLLS, max_size=4),
    capture_on=st.sampled_from(["acceptance", "delivery"]),
    cancel_after=st.none() | st.integers(0, 4),
)
def test_any_history_ends_once_and_adds_up(
    world, answers, kills, submits, polls, capture_on, cancel_after
):
    vendor = FakeVendor(submit_script=list(submits), poll_script=list(polls))
    job, _, on = world(kills, vendor, cancel_after, capture_on=capture_on)
    check(job, vendor, on, answers)
