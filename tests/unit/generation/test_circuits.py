"""A vendor that is out: its jobs wait and are made after it; what all processes know of it."""

import pytest

from showreel.core.dynamo import Table
from showreel.core.errors import (
    ProviderContentPolicy,
    ProviderTimeout,
    ProviderUpstream,
    Transient,
)
from showreel.generation.service import create_job
from showreel.generation.steps.collect import collect
from showreel.generation.steps.submit import submit
from showreel.providers import circuits as module
from showreel.providers.base import Pending, SubmitUnknown
from showreel.providers.circuits import Circuits
from tests.unit.generation.support import START_SECONDS, ledger_is_sound, request

NEVER = 10_000


@pytest.fixture
def table(cloud, clock):
    return Table("jobs")


def process(table):
    """What one Lambda process knows: it has just begun."""
    return Circuits(table)


def fail(circuits, times=1, error=ProviderUpstream, operation="submit"):
    for _ in range(times):
        with pytest.raises(error), circuits.watched("kling", operation):
            raise error("out")


def succeed(circuits):
    with circuits.watched("kling", "submit"):
        pass


def test_a_vendor_out_for_ten_minutes_loses_no_job(engine, machine, vendor, clock):
    """F13, I4: everything accepted before and during the outage is delivered after it, once."""
    create_job(engine, request())
    out = [ProviderUpstream("connection refused")] * NEVER
    vendor.submit_script += out
    until = START_SECONDS + 600

    def back():
        if clock.seconds >= until:
            vendor.submit_script.clear()

    steps = machine._go
    machine._go = lambda route, job_id: (back(), steps(route, job_id))[1]
    job = machine.run("job")
    assert (job.status, job.credits_debited) == ("completed", 30)
    assert sum(vendor.billed.values()) == 1
    assert clock.seconds < until + 180, "found again soon"
    assert len(vendor.requests) < 30, "asked by one try at a time, with growing pauses"
    ledger_is_sound(engine)


def test_a_job_that_may_be_made_by_the_built_in_model_does_not_wait(engine, machine, vendor):
    create_job(engine, request(allow_builtin_fallback=True))
    vendor.submit_script += [ProviderUpstream("out")] * NEVER
    job = machine.run("job")
    assert (job.status, job.model) == ("completed", "showreel/camera-motion")


def test_polls_of_a_vendor_that_is_out_are_no_verdict(engine, machine, vendor, clock):
    """Beyond the deadline too: what it has finished meanwhile is delivered and paid once."""
    create_job(engine, request())
    vendor.poll_script += [ProviderTimeout("silent")] * 25
    job = machine.run("job")
    assert job.status == "completed"
    assert vendor.canceled == []
    assert clock.seconds > START_SECONDS + 900
    assert sum(vendor.billed.values()) == 1


def test_five_failures_in_a_row_open_it_for_every_process(table):
    first, second = process(table), process(table)
    fail(first, 3)
    fail(second, 2, SubmitUnknown)
    assert process(table).pause("kling", "submit") > 0
    assert process(table).pause("kling", "poll") == 0
    assert process(table).pause("fal", "submit") == 0


def test_a_success_or_a_refusal_between_them_keeps_it_closed(table):
    circuits = process(table)
    for end in (lambda: succeed(circuits), lambda: fail(circuits, error=ProviderContentPolicy)):
        fail(circuits, 4)
        end()
    fail(circuits, 4)
    assert process(table).pause("kling", "submit") == 0


def test_failures_that_are_far_apart_keep_it_closed(table, clock):
    circuits = process(table)
    for _ in range(12):
        fail(circuits)
        clock.seconds += 60
    assert process(table).pause("kling", "submit") == 0


def test_one_at_a_time_tries_when_the_pause_is_over(table, clock):
    fail(process(table), 5)
    clock.seconds += process(table).pause("kling", "submit")
    others = [process(table) for _ in range(6)]
    pauses = [one.pause("kling", "submit") for one in others]
    assert pauses.count(0) == 1
    succeed(others[pauses.index(0)])
    assert process(table).pause("kling", "submit") == 0
    assert process(table).not_closed() == []


def test_a_try_that_fails_opens_it_for_longer_and_at_most_two_minutes(table, clock):
    fail(process(table), 5)
    pauses = []
    for _ in range(6):
        pauses.append(process(table).pause("kling", "submit"))
        clock.seconds += pauses[-1]
        one = process(table)
        assert one.pause("kling", "submit") == 0
        fail(one)
    assert pauses == [15, 30, 60, 120, 120, 120]


def test_a_try_whose_process_dies_is_followed_by_another(table, clock):
    fail(process(table), 5)
    clock.seconds += 15
    assert process(table).pause("kling", "submit") == 0
    assert process(table).pause("kling", "submit") > 0
    clock.seconds += module.PROBE_SECONDS
    assert process(table).pause("kling", "submit") == 0


def test_a_late_failure_of_before_does_not_make_the_pause_longer(table):
    late = process(table)
    fail(process(table), 5)
    before = process(table).pause("kling", "submit")
    fail(late, 9)
    assert process(table).pause("kling", "submit") == before


def test_an_operator_opens_and_closes_it_without_a_deployment(table, engine, machine, vendor):
    table.apply(table.set_write("circuit", "kling#submit", {"forced": "open"}))
    create_job(engine, request())
    assert submit(engine, "job").route == "backoff"
    assert vendor.requests == []
    [shown] = process(table).not_closed()
    assert (shown.provider, shown.operation, shown.state) == ("kling", "submit", "open")
    table.apply(table.set_write("circuit", "kling#submit", {"forced": "closed"}))
    fail(process(table), 9)
    assert process(table).pause("kling", "submit") == 0
    table.apply(table.set_write("circuit", "kling#submit", {"forced": "rubbish"}))
    assert process(table).pause("kling", "submit") > 0, "what can't be read says nothing"


def test_a_healthy_vendor_costs_no_write_and_one_read_per_process(table, monkeypatch):
    circuits, calls = process(table), []
    monkeypatch.setattr("showreel.core.dynamo._call", _counting(calls))
    for _ in range(20):
        assert circuits.pause("kling", "submit") == 0
        succeed(circuits)
    assert calls == ["get_item"]


def test_without_the_table_every_circuit_is_closed(table, monkeypatch):
    def down(*_, **__):
        raise Transient("DynamoDB: ThrottlingException")

    monkeypatch.setattr("showreel.core.dynamo._call", down)
    circuits = process(table)
    fail(circuits, 9)
    assert circuits.pause("kling", "submit") == 0


def test_a_poll_that_is_not_made_leaves_the_job_waiting(engine, vendor, table):
    create_job(engine, request())
    submit(engine, "job")
    table.apply(table.set_write("circuit", "kling#poll", {"forced": "open"}))
    vendor.poll_script += [Pending()]
    assert collect(engine, "job").route == "await"
    assert vendor.poll_script == [Pending()]


def _counting(calls):
    from showreel.core import dynamo

    real = dynamo._call

    def call(operation, **request):
        calls.append(operation)
        return real(operation, **request)

    return call


def test_a_job_whose_time_ends_before_the_vendor_is_back_fails_free(engine, machine, vendor, table):
    table.apply(table.set_write("circuit", "kling#submit", {"forced": "open"}))
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code, job.credits_debited) == ("failed", "provider_upstream", 0)
    assert vendor.requests == []
    ledger_is_sound(engine)
