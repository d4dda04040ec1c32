"""Our own side is out for longer than the vendor needs: nothing is lost, nothing charged twice."""

import pytest

from showreel.core.errors import NotFound, Transient
from showreel.generation.service import create_job, reconcile
from showreel.generation.steps.collect import collect
from showreel.generation.steps.events import TokenTask
from showreel.generation.steps.submit import submit
from tests.unit.generation.support import (
    GRANT,
    START_SECONDS,
    WORKSPACE,
    ledger_is_sound,
    request,
)
from tests.unit.generation.test_reconcile import ARN, executions

__all__ = ["executions"]


def test_a_finished_file_is_fetched_for_hours_beyond_the_deadline(
    engine, machine, vendor, results, clock
):
    create_job(engine, request())
    results.script += [Transient("the result's host is down")] * 200
    job = machine.run("job", most_steps=900)
    assert clock.seconds > START_SECONDS + 2 * 3600
    assert (job.status, job.credits_debited) == ("completed", 30)
    assert vendor.canceled == []
    assert sum(vendor.billed.values()) == 1
    ledger_is_sound(engine)


def test_a_file_that_its_vendor_has_deleted_is_given_up(engine, machine, vendor, results, clock):
    """I8 ends where the vendor keeps it no longer; nothing is charged."""
    vendor.keeps_seconds = 3600
    create_job(engine, request(retry_accepted=False))
    results.script += [Transient("down")] * 900
    job = machine.run("job", most_steps=900)
    assert (job.status, job.error_code, job.credits_debited) == ("failed", "bad_delivery", 0)
    assert START_SECONDS + 3600 <= clock.seconds < START_SECONDS + 3800
    assert engine.ledger.account(WORKSPACE).available == GRANT


def test_a_file_that_never_was_is_given_up_soon(engine, machine, results, clock):
    create_job(engine, request(retry_accepted=False))
    results.script += [NotFound("404")] * 900
    job = machine.run("job", most_steps=900)
    assert (job.status, job.error_code) == ("failed", "bad_delivery")
    assert clock.seconds < START_SECONDS + 500


def test_our_own_storage_is_not_a_verdict(engine, machine, results, monkeypatch):
    """S3 down: the step raises Transient, for the state machine to come back, and changes nothing
    for good.
    """
    create_job(engine, request())
    submit(engine, "job")
    real = results.storage.put_file

    def down(*_):
        raise Transient("S3: SlowDown")

    monkeypatch.setattr(results.storage, "put_file", down)
    for _ in range(40):
        with pytest.raises(Transient):
            collect(engine, "job")
    monkeypatch.setattr(results.storage, "put_file", real)
    assert machine.run("job").status == "completed"
    ledger_is_sound(engine)


def test_what_we_lost_before_the_submission_is_not_the_vendors_time(engine, machine, clock):
    """Step Functions, DynamoDB or S3 were out for longer than the vendor had."""
    create_job(engine, request())
    clock.seconds += 3000
    assert submit(engine, "job", 3000).route in {"await", "hold"}
    moved = engine.jobs.get("job").terms.deadline_at_seconds
    assert moved == START_SECONDS + 900 + 3000
    assert machine.run("job").status == "completed"


def test_a_first_try_has_lost_nothing_and_a_later_one_the_time_between(monkeypatch):
    task = {"job_id": "job", "task_token": "t", "entered_at": "2026-11-28T20:00:00.000Z"}
    entered = 1_795_896_000
    for passed, lost in ((2, 0), (29, 0), (30, 30), (4000, 4000)):
        monkeypatch.setattr(
            "showreel.generation.steps.events.now_seconds", lambda at=entered + passed: at
        )
        assert TokenTask.model_validate(task).lost_seconds == lost
    assert TokenTask(job_id="job", task_token="t").lost_seconds == 0


def test_the_sweep_lets_a_job_be_fetched_that_is_late_by_our_own_fault(engine, executions, clock):
    """Ten minutes beyond its last moment it was given up, though its execution tried again."""
    from showreel.generation import service

    service.start_job(request(), ARN)
    submit(engine, "job")
    clock.seconds += 900 + 3 * 3600
    reconcile("job", ARN)
    assert executions.stopped == []
    assert not engine.jobs.get("job").is_finished
