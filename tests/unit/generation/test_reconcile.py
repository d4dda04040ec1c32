"""Quiet jobs: what the clock does with them, with a Step Functions that tests command."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from showreel.core.backoff import OUTAGE_SECONDS, REVIVAL_PAUSES
from showreel.core.errors import Transient
from showreel.generation import reviving, service
from showreel.generation.reviving import execution_died, reconcile
from showreel.generation.service import claim_job_id, create_job
from showreel.generation.settle import release
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.steps.submit import submit
from showreel.runs import executions as execution_calls
from tests.unit.generation.support import START_SECONDS, due, ledger_is_sound, request

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"


@dataclass
class Executions:
    """What was asked of Step Functions; `running` are the names of live executions."""

    running: set[str] = field(default_factory=set)
    started: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def call(self, operation: str, _: set[str], **request: Any) -> Any:
        name = request.get("name") or request["executionArn"].rpartition(":")[2]
        if operation == "start_execution":
            self.started.append(name)
            self.running.add(name)
        elif operation == "stop_execution":
            self.stopped.append(name)
            self.running.discard(name)
        elif name in self.running:
            return {"status": "RUNNING"}
        return None


@pytest.fixture
def executions(engine, monkeypatch) -> Executions:
    known = Executions()
    for module in (reviving, service):
        monkeypatch.setattr(module, "engine", lambda arn="": replace(engine, function_arn=arn))
    monkeypatch.setattr(service, "jobs", lambda: engine.jobs)
    monkeypatch.setattr(execution_calls, "call_states", known.call)
    return known


def test_only_quiet_jobs_that_nobody_settled_are_looked_at(engine, machine, clock):
    create_job(engine, request("done"))
    machine.run("done")
    created_at = clock.seconds
    create_job(engine, request("lost"))
    assert due(engine.jobs, created_at + 59) == []
    assert due(engine.jobs, created_at + 60) == ["lost"]
    submit(engine, "lost")
    assert due(engine.jobs, created_at + 399) == []
    assert due(engine.jobs, created_at + 400) == ["lost"]
    release(engine, "lost", "timed_out")
    assert due(engine.jobs, START_SECONDS * 2) == []


def test_a_job_whose_execution_was_never_started_gets_one(engine, executions, machine):
    create_job(engine, request())
    reconcile("job", ARN)
    reconcile("job", ARN)
    assert executions.started == ["job.1"]
    assert machine.run("job").status == "completed"


def test_a_dead_execution_has_a_successor_that_asks_the_vendor(engine, executions, machine, vendor):
    """Accepted there, its execution gone: the vendor is asked and nothing is sent twice."""
    service.start_job(request(), ARN)
    submit(engine, "job")
    executions.running.clear()
    execution_died("job", ARN)
    assert executions.started == ["job", "job.1"]
    execution_died("job", ARN)
    assert executions.started == ["job", "job.1"]
    job = machine.run("job")
    assert job.status == "completed"
    assert vendor.billed.total() == 1
    ledger_is_sound(engine)


def test_the_successor_is_what_a_cancel_stops(engine, executions, vendor):
    create_job(engine, request())
    reconcile("job", ARN)
    service.cancel_job("job", ARN)
    assert executions.stopped == ["job.1"]


def test_a_running_execution_is_woken_to_poll(engine, executions, answers):
    service.start_job(request(), ARN)
    submit(engine, "job")
    await_vendor(engine.jobs, "job", "await-1")
    at = START_SECONDS + 400
    assert due(engine.jobs, at) == ["job"]
    reconcile("job", ARN)
    assert answers.of("await-1") == [{}]
    assert executions.started == ["job"]


def minute(engine, executions, clock):
    """What runs dies at once, which its event tells; then the sweep looks."""
    for _ in range(3):
        for name in [*executions.running]:
            executions.running.discard(name)
            execution_died(name, ARN)
    for job_id in due(engine.jobs, clock.seconds):
        reconcile(job_id, ARN)
    clock.seconds += 60


@pytest.mark.parametrize("is_accepted", [False, True])
def test_ten_minutes_in_which_each_execution_dies_lose_no_job(
    engine, executions, machine, vendor, clock, is_accepted
):
    service.start_job(request(), ARN)
    if is_accepted:
        submit(engine, "job")
    for _ in range(10):
        minute(engine, executions, clock)
    assert not engine.jobs.get("job").is_finished
    assert len(executions.started) <= 7, "more and more seldom"
    before = len(executions.started)
    executions.running.clear()
    for _ in range(10):
        for job_id in due(engine.jobs, clock.seconds):
            reconcile(job_id, ARN)
        clock.seconds += 60
    assert len(executions.started) == before + 1, "and soon when the outage is over"
    assert machine.run("job").status == "completed"
    assert vendor.billed.total() == 1
    ledger_is_sound(engine)


def test_starts_that_are_refused_use_nothing_up(engine, executions, machine, clock, monkeypatch):
    create_job(engine, request())

    def out(*_, **__):
        raise Transient("Step Functions: ThrottlingException")

    with monkeypatch.context() as patch:
        patch.setattr(execution_calls, "call_states", out)
        for _ in range(60):
            for job_id in due(engine.jobs, clock.seconds):
                with pytest.raises(Transient):
                    reconcile(job_id, ARN)
            clock.seconds += 60
    reconcile("job", ARN)
    assert machine.run("job").status == "completed"


def test_a_job_that_dies_for_hours_ends(engine, executions, clock):
    service.start_job(request(), ARN)
    died_at = clock.seconds
    while not engine.jobs.get("job").is_finished:
        minute(engine, executions, clock)
    job = engine.jobs.get("job")
    assert (job.status, job.error_code) == ("failed", "timed_out")
    assert 0.95 * OUTAGE_SECONDS <= clock.seconds - died_at <= 1.3 * OUTAGE_SECONDS
    assert len(executions.started) == 1 + len(REVIVAL_PAUSES)
    assert engine.ledger.open_holds("ws_1") == []


def test_an_execution_that_outlives_its_job_by_far_is_stopped(engine, executions, clock):
    service.start_job(request(), ARN)
    clock.seconds += 900 + 6 * 3600 + 1
    reconcile("job", ARN)
    assert executions.stopped == ["job"]
    assert engine.jobs.get("job").error_code == "timed_out"


def test_what_ended_unsettled_is_settled(engine, executions, answers):
    create_job(engine, request())
    engine.jobs.finish(engine.jobs.get("job"), "failed", "provider_upstream")
    reconcile("job", ARN)
    assert engine.jobs.get("job").settled_at
    assert engine.ledger.open_holds("ws_1") == []
    assert len(answers.of("parent-1")) == 1


def test_a_caller_s_key_stands_for_one_job_for_a_day(engine, executions, clock):
    first = claim_job_id("interior", "ws_1", "key")
    assert claim_job_id("interior", "ws_1", "key") == first
    assert claim_job_id("interior", "ws_2", "key") != first
    create_job(engine, request(first))
    assert claim_job_id("interior", "ws_1", "key") == first
    clock.seconds += 24 * 3600 + 1
    assert claim_job_id("interior", "ws_1", "key") != first


def test_a_key_is_free_again_after_a_failure_that_cost_nothing(engine, executions):
    first = claim_job_id("interior", "ws_1", "key")
    create_job(engine, request(first))
    release(engine, first, "provider_upstream")
    second = claim_job_id("interior", "ws_1", "key")
    assert second != first
    assert claim_job_id("interior", "ws_1", "key") == second


def test_a_key_stays_with_a_failure_that_was_charged(engine, executions, vendor):
    first = claim_job_id("interior", "ws_1", "key")
    create_job(engine, request(first, capture_on="acceptance"))
    submit(engine, first)
    release(engine, first, "provider_upstream")
    assert engine.jobs.get(first).credits_debited == 30
    assert claim_job_id("interior", "ws_1", "key") == first
