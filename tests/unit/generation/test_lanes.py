"""Lanes: never more at the vendor than the limit, everybody gets a turn, nobody waits for the dead.

The last test runs whole lanes of jobs, with processes that die at any call to AWS or the vendor.
"""

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core import dynamo
from showreel.core.errors import ProviderRateLimited, ProviderUpstream
from showreel.generation import reviving, service, turns
from showreel.generation.engine import Engine
from showreel.generation.lanes import Lanes, LaneState
from showreel.generation.models import Job, Lane
from showreel.generation.steps.collect import collect
from showreel.generation.steps.submit import submit
from showreel.providers.base import (
    Failed,
    Pending,
    PollResult,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.runs import executions as execution_calls
from tests.unit.generation.support import FakeVendor, Killed, Machine, due, ledger_is_sound, request

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"


def lane(order: int = 0, limit: int = 2, name: str = "run_1") -> Lane:
    return Lane(name=name, limit=limit, order=order)


@dataclass
class Executions:
    """Step Functions: the names of live executions, and of all that ever began."""

    running: set[str] = field(default_factory=set)
    started: list[str] = field(default_factory=list)
    break_next: bool = False

    def call(self, operation: str, _: set[str], **request: Any) -> Any:
        name = request.get("name") or request["executionArn"].rpartition(":")[2]
        if operation == "start_execution":
            if self.break_next:
                self.break_next = False
                raise Killed
            if name not in self.started:
                self.started.append(name)
                self.running.add(name)
        elif operation == "stop_execution":
            self.running.discard(name)
        elif name in self.running:
            return {"status": "RUNNING"}
        return None


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> Executions:
    known = Executions()
    monkeypatch.setattr(execution_calls, "call_states", known.call)
    return known


@pytest.fixture
def on(engine: Engine, executions: Executions, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine, as a function has it that may start executions."""
    made = replace(engine, function_arn=ARN)
    for module in (reviving, service):
        monkeypatch.setattr(module, "engine", lambda *_: made)
    made.ledger.grant("ws_1", 900, "more")
    return made


def start(order: int, limit: int = 2) -> str:
    job = service.start_job(request(f"job{order}", lane=lane(order, limit)), ARN)
    return job.job_id


def state(on: Engine) -> tuple[list[str], list[str]]:
    now = on.jobs.lanes.state("run_1")
    return now.running, [one.job_id for one in now.waiting]


# ---------------------------------------------------------------- the state alone


ACTS = st.lists(
    st.tuples(st.sampled_from(["enter", "leave"]), st.integers(0, 9)), min_size=1, max_size=60
)


@given(acts=ACTS, limit=st.integers(1, 4))
def test_any_coming_and_going_keeps_the_limit_and_leaves_no_place_empty(
    acts: list[tuple[str, int]], limit: int
) -> None:
    now = LaneState()
    for act, number in acts:
        name, before = f"job{number}", now
        if act == "enter":
            now = now.entered(lane(number, limit), name)
            assert now == now.entered(lane(number, limit), name), "coming twice is coming once"
        else:
            now = now.left({name})
            assert now == now.left({name})
        waiting = [one.job_id for one in now.waiting]
        assert len(now.running) <= limit
        assert not waiting or len(now.running) == limit
        assert len({*now.running, *waiting}) == len(now.running) + len(waiting)
        assert set(before.running) - {name} <= set(now.running), "nobody loses a place"
        assert [one.order for one in now.waiting] == sorted(one.order for one in now.waiting)


@given(orders=st.permutations(range(8)), limit=st.integers(1, 4), data=st.data())
def test_everybody_gets_a_place_the_lowest_order_first(
    orders: list[int], limit: int, data: st.DataObject
) -> None:
    now, served = LaneState(), []
    for order in orders:
        now = now.entered(lane(order, limit), f"job{order}")
    served += now.running
    while now.running:
        now = now.left({data.draw(st.sampled_from(now.running))})
        served += [name for name in now.running if name not in served]
    assert sorted(served) == [f"job{order}" for order in range(8)]
    assert served[limit:] == sorted(served[limit:])


def test_nobody_comes_into_a_closed_lane_and_who_is_there_keeps_the_place() -> None:
    now = LaneState()
    for order in range(3):
        now = now.entered(lane(order), f"job{order}")
    now = now.closed()
    assert (now.running, now.waiting) == (["job0", "job1"], [])
    assert now.entered(lane(9), "job9") == now
    assert now.left({"job0"}).running == ["job1"]


# ---------------------------------------------------------------- a vendor that throttles


def full(limit: int = 4, waiting: int = 12) -> LaneState:
    now = LaneState()
    for order in range(limit + waiting):
        now = now.entered(lane(order, limit), f"job{order}")
    return now


def test_half_as_many_are_there_after_a_throttle_and_step_by_step_all_again() -> None:
    now = full().slowed(sent_at=100, now=101)
    assert (now.places, now.is_crowded) == (2, True), "nobody loses a place that the vendor gave"
    seen = []
    for _ in range(9):
        now = now.left({now.running[0]})
        seen.append((len(now.running), now.places))
    assert seen == [(3, 2), (3, 3), (3, 3), (3, 3), (4, 4), (4, 4), (4, 4), (4, 4), (4, 4)]
    assert now.slowed_to is None


def test_creates_that_were_on_their_way_together_halve_it_once() -> None:
    once = full().slowed(sent_at=100, now=101)
    assert once.slowed(sent_at=100, now=103) == once.slowed(sent_at=101, now=103) == once
    twice = once.slowed(sent_at=102, now=104)
    assert twice.places == twice.slowed(sent_at=105, now=106).places == 1


def test_who_gives_way_waits_for_the_next_place_before_who_came_later() -> None:
    now = full().slowed(sent_at=100, now=101)
    now = now.entered(lane(2, 4), "job2.1").entered(lane(3, 4), "job3.1")
    assert now.running == ["job0", "job1"]
    assert [one.job_id for one in now.waiting[:3]] == ["job2.1", "job3.1", "job4"]
    assert now.left({"job0"}).running == ["job1", "job2.1"]


THROTTLED = st.lists(
    st.tuples(st.sampled_from(["enter", "leave", "throttle"]), st.integers(0, 9)), max_size=60
)


@given(acts=THROTTLED, limit=st.integers(1, 5))
def test_a_throttled_lane_keeps_its_limit_leaves_no_place_empty_and_recovers(
    acts: list[tuple[str, int]], limit: int
) -> None:
    now = LaneState().entered(lane(0, limit), "job0")
    for second, (act, number) in enumerate(acts, start=1):
        if act == "throttle":
            now = now.slowed(second, second)
        elif act == "enter":
            now = now.entered(lane(number, limit), f"job{number}")
        else:
            now = now.left({f"job{number}"})
        assert len(now.running) <= limit
        assert 1 <= now.places <= limit
        assert not now.waiting or len(now.running) >= now.places
    for order in range(10, 60):
        now = now.entered(lane(order, limit), f"job{order}")
    while now.waiting:
        now = now.left({now.running[0]})
    assert now.places == limit


# ---------------------------------------------------------------- the row


def test_a_change_that_is_repeated_names_again_who_is_to_be_started(on: Engine) -> None:
    lanes: Lanes = on.jobs.lanes
    assert [lanes.enter(lane(n), f"job{n}") for n in range(3)] == [["job0"], ["job1"], []]
    assert lanes.enter(lane(1), "job1") == ["job1"]
    assert lanes.enter(lane(2), "job2") == []
    assert lanes.leave("run_1", {"job0"}) == ["job2"]
    assert lanes.leave("run_1", {"job0"}) == ["job1", "job2"]


def test_two_at_once_are_serialised_by_the_version(
    on: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes = on.jobs.lanes
    real_state = lanes.state

    def overtaken(name: str) -> LaneState:
        seen = real_state(name)
        monkeypatch.setattr(lanes, "state", real_state)
        lanes.enter(lane(5), "faster")
        return seen

    monkeypatch.setattr(lanes, "state", overtaken)
    assert lanes.enter(lane(1), "slower") == ["slower"]
    assert real_state("run_1").running == ["faster", "slower"]


# ---------------------------------------------------------------- jobs in it


def test_a_job_starts_when_it_has_a_place(on: Engine, executions: Executions) -> None:
    for order in range(4):
        start(order)
    assert executions.started == ["job0", "job1"]
    assert state(on) == (["job0", "job1"], ["job2", "job3"])
    assert on.jobs.get("job2").status == "queued"


def test_the_place_is_given_on_before_the_result_is_fetched(
    on: Engine, executions: Executions, results: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order in range(3):
        start(order)
    seen: list[list[str]] = []
    fetch = results.fetch

    def watched(*args: Any, **options: Any) -> int:
        seen.append(list(executions.started))
        return int(fetch(*args, **options))

    monkeypatch.setattr("showreel.generation.deliver.copy_result", watched)
    submit(on, "job0")
    assert collect(on, "job0").route == "settle"
    assert seen == [["job0", "job1", "job2"]]
    assert on.jobs.get("job0").left_lane


@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_any_end_gives_the_place_on(
    on: Engine, executions: Executions, vendor: FakeVendor, end: str
) -> None:
    for order in range(3):
        start(order)
    submit(on, "job0")
    if end == "cancel":
        service.cancel_job("job0", ARN)
    else:
        vendor.poll_script = [Failed(ProviderUpstream("broken"))] * 3
        on.jobs.next_attempt(on.jobs.get("job0"), {"attempt_note": "last"})
        on.jobs.mark_failed(on.jobs.get("job0"), "provider_upstream")
        collect(on, "job0")
    assert on.jobs.get("job0").settled_at
    assert state(on) == (["job1", "job2"], [])
    assert executions.started == ["job0", "job1", "job2"]


def test_a_canceled_job_that_waits_takes_nobody_s_place(on: Engine, executions: Executions) -> None:
    for order in range(4):
        start(order)
    service.cancel_job("job2", ARN)
    assert state(on) == (["job0", "job1"], ["job3"])
    assert executions.started == ["job0", "job1"]


def test_an_attempt_after_a_broken_file_waits_for_a_place(
    on: Engine, executions: Executions, results: Any, answers: Any, vendor: FakeVendor
) -> None:
    for order in range(3):
        start(order)
    submit(on, "job0")
    results.script[:] = [b"bad", b"bad"]
    assert collect(on, "job0").route == "backoff"
    assert submit(on, "job0").route == "hold"
    assert state(on) == (["job1", "job2"], ["job0.1"])
    on.jobs.begin_wait("job0", "await-1")
    service.cancel_job("job1", ARN)
    assert answers.of("await-1") == [{}]
    assert submit(on, "job0").route == "await"
    assert vendor.billed.total() == 2
    assert not on.jobs.get("job0").left_lane


def test_a_closed_lane_starts_nobody_while_its_jobs_are_canceled(
    on: Engine, executions: Executions
) -> None:
    for order in range(5):
        start(order)
    service.close_lane("run_1")
    for order in range(5):
        service.cancel_job(f"job{order}", ARN)
    assert executions.started == ["job0", "job1"]
    start(7)
    reviving.reconcile("job7", ARN)
    assert on.jobs.get("job7").is_finished, "what came too late ends"
    assert executions.started == ["job0", "job1"]
    ledger_is_sound(on)


def test_jobs_that_are_refused_as_too_many_give_way_and_are_made_later(
    on: Engine, executions: Executions, vendor: FakeVendor, results: Any, answers: Any, clock: Any
) -> None:
    for order in range(5):
        start(order, limit=4)
    submit(on, "job0")
    submit(on, "job1")
    clock.seconds += 1
    vendor.submit_script = [ProviderRateLimited("slow down"), ProviderRateLimited("slow down")]
    assert [submit(on, f"job{n}").route for n in (2, 3)] == ["backoff", "backoff"]
    assert state(on) == (["job0", "job1"], ["job2.1", "job3.1", "job4"])
    clock.seconds += 10
    assert submit(on, "job2").route == "hold", "its turn hasn't come"
    on.jobs.begin_wait("job2", "await-2")
    collect(on, "job0")
    assert answers.of("await-2") == [{}]
    submit(on, "job2")
    assert state(on) == (["job1", "job2.1"], ["job3.1", "job4"])
    for job_id in ("job1", "job2"):
        collect(on, job_id)
    for job_id in ("job3", "job4"):
        submit(on, job_id)
    assert vendor.billed.total() == 5
    for job_id in ("job3", "job4"):
        collect(on, job_id)
    assert [on.jobs.get(f"job{n}").status for n in range(5)] == ["completed"] * 5
    assert vendor.billed.total() == 5
    assert state(on) == ([], [])
    ledger_is_sound(on)


# ---------------------------------------------------------------- what the clock does


def test_the_reconciler_does_not_revive_who_waits(on: Engine, executions: Executions) -> None:
    for order in range(3):
        start(order)
    reviving.reconcile("job2", ARN)
    assert executions.started == ["job0", "job1"]
    assert on.jobs.get("job2").counts.revivals == 0


def test_who_waits_for_the_dead_is_let_in(on: Engine, executions: Executions) -> None:
    """One ended and left nothing but its end, one is gone."""
    for order in range(4):
        start(order)
    on.jobs.finish(on.jobs.get("job0"), "failed", "provider_upstream")
    on.jobs._table.delete("job#job1", "job")
    reviving.reconcile("job2", ARN)
    assert state(on) == (["job2", "job3"], [])
    assert executions.started == ["job0", "job1", "job2", "job3"]


def test_a_place_whose_execution_was_never_started_gets_one(
    on: Engine, executions: Executions
) -> None:
    start(0, limit=1)
    start(1, limit=1)
    executions.break_next = True
    with pytest.raises(Killed):
        service.cancel_job("job0", ARN)
    assert state(on) == (["job1"], [])
    assert executions.started == ["job0"]
    reviving.reconcile("job1", ARN)
    assert executions.started == ["job0", "job1"]
    assert on.jobs.get("job1").counts.revivals == 0


def test_a_job_that_waits_past_its_deadline_fails(
    on: Engine, executions: Executions, clock: Any
) -> None:
    for order in range(3):
        start(order)
    clock.seconds += 901
    reviving.reconcile("job2", ARN)
    assert on.jobs.get("job2").error_code == "timed_out"
    assert state(on) == (["job0", "job1"], [])


def test_a_collect_that_comes_late_frees_no_place_of_a_job_that_came_back(
    on: Engine, vendor: FakeVendor, results: Any
) -> None:
    """Two run at once: one finds a bad file and sends the job again, the other is slow."""
    for order in range(3):
        start(order, limit=1)
    submit(on, "job0")
    slow = on.jobs.get("job0")
    results.script += [b"bad", b"bad"]
    assert collect(on, "job0").route == "backoff"
    on.jobs.lanes.leave("run_1", {"job1"})
    on.jobs.lanes.leave("run_1", {"job2"})
    assert submit(on, "job0").route in {"await", "hold"}
    before = state(on)
    assert before[0] == [on.jobs.get("job0").place]
    turns.leave_lane(on, slow)
    assert state(on) == before


# ---------------------------------------------------------------- whole histories


class CountingVendor(FakeVendor):
    """Knows how many of its tasks are in the making, and how many were so at most."""

    def __init__(self, dice: random.Random, throttled: float) -> None:
        super().__init__()
        self.dice, self.throttled, self.open, self.most = dice, throttled, set[str](), 0

    def submit(self, request: SubmitRequest) -> VendorTask:
        is_new = request.external_id not in self.created
        if is_new and self.dice.random() < self.throttled:
            raise ProviderRateLimited("slow down")
        task = super().submit(request)
        if is_new:
            self.open.add(task.task_id)
            self.most = max(self.most, len(self.open))
        return task

    def poll(self, task: VendorTask) -> PollResult:
        if task.task_id not in self.open:
            return Succeeded((f"{task.task_id}.mp4",))
        if self.dice.random() < 0.3:
            return Pending()
        self.open.discard(task.task_id)
        return Succeeded((f"{task.task_id}.mp4",))


class Floor:
    """A lane of jobs whose executions go on in any order, and die."""

    def __init__(self, on: Engine, machine: Machine, calls: Executions, dice: random.Random):
        self.on, self.machine, self.calls, self.dice = on, machine, calls, dice
        self.routes: dict[str, str] = {}

    def run(self, names: list[str]) -> list[Job]:
        for _ in range(3000):
            if all(self._job(name).settled_at for name in names):
                return [self._job(name) for name in names]
            if self.calls.running and self.dice.random() > 0.02:
                self._step(self.dice.choice(sorted(self.calls.running)))
            else:
                self._pass_time()
        raise AssertionError("the lane stands still")

    def _job(self, name: str) -> Job:
        return self.on.jobs.get(name)

    def _step(self, execution: str) -> None:
        if self.dice.random() < 0.03:
            self.calls.running.discard(execution)
            return
        name, route = execution.partition(".")[0], self.routes.get(execution, "submit")
        self.routes[execution] = self.machine._go(route, name)
        if self.routes[execution] == "end":
            self.calls.running.discard(execution)

    def _pass_time(self) -> None:
        self.machine.clock.seconds += 401
        with contextlib.suppress(Killed):
            for job_id in due(self.machine.engine.jobs, self.machine.clock.seconds):
                reviving.reconcile(job_id, ARN)


def mortal(real: Callable[..., Any], dice: random.Random, living: list[bool]) -> Any:
    """Calls after which, or instead of which, the process is sometimes gone."""

    def call(*args: Any, **options: Any) -> Any:
        if living[0] or dice.random() > 0.04:
            return real(*args, **options)
        if dice.random() < 0.5:
            real(*args, **options)
        raise Killed

    return call


@pytest.mark.parametrize(("seed", "throttled"), [(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.4), (5, 0.4)])
def test_any_history_of_a_lane_keeps_its_limit_and_ends(
    on: Engine, executions: Executions, clock: Any, results: Any, seed: int, throttled: float
) -> None:
    limit = 1 + seed % 3
    dice, living = random.Random(seed), [True]
    vendor = CountingVendor(dice, throttled)
    own = replace(on, provider=lambda _: vendor)
    results.script[:] = [b"bad" if dice.random() < 0.3 else b"good" for _ in range(8)]
    machine = Machine(own, clock, lambda _: pytest.fail("no rendering here"), attempts=20)
    names = [f"job{n}" for n in range(6)]
    deadline = clock.seconds + 10**6
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamo, "_call", mortal(dynamo._call, dice, living))
        patch.setattr(execution_calls, "call_states", mortal(executions.call, dice, living))
        for module in (reviving, service):
            patch.setattr(module, "engine", lambda *_: own)
        for order, name in enumerate(names):
            wish = request(name, lane=lane(order, limit), deadline_at_seconds=deadline)
            service.start_job(wish, ARN)
        living[0] = False
        jobs = Floor(own, machine, executions, dice)
        living_floor = jobs._job
        patch.setattr(jobs, "_job", lambda name: _alive(living, living_floor, name))
        ended = jobs.run(names)
        living[0] = True
    assert {job.status for job in ended} <= {"completed", "failed"}
    assert vendor.most <= limit
    assert state(own) == ([], [])
    ledger_is_sound(own)


def _alive(living: list[bool], read: Callable[[str], Job], name: str) -> Job:
    """A look of the test's own, at which nobody dies."""
    living[0] = True
    try:
        return read(name)
    finally:
        living[0] = False
