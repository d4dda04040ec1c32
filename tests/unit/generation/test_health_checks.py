"""A vendor that can't be asked what became of a create is asked first whether it is there."""

import pytest

from showreel.core.dynamo import Table
from showreel.core.errors import ProviderUpstream
from showreel.generation.service import create_job
from showreel.generation.steps.submit import submit
from showreel.providers.base import Pending
from showreel.providers.circuits import Circuits
from tests.unit.generation.support import START_SECONDS, ledger_is_sound, request


@pytest.fixture
def out_until(vendor, clock):
    """Has the vendor break off every connection until then."""

    def begin(seconds, recovery="none"):
        vendor.recovery = recovery
        vendor.is_out = lambda: clock.seconds < START_SECONDS + seconds

    return begin


@pytest.mark.parametrize("recovery", ["none", "look_up"])
def test_an_order_in_an_outage_is_kept_back_and_made_after_it(
    engine, machine, vendor, clock, out_until, recovery
):
    """F13: what is accepted while a vendor is out for ten minutes is delivered, and billed once."""
    out_until(600, recovery)
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.credits_debited, job.attempt.number) == ("completed", 30, 1)
    assert len(vendor.requests) == sum(vendor.billed.values()) == 1
    assert vendor.checks < 30, "asked by one at a time, with growing pauses"
    ledger_is_sound(engine)


def test_a_vendor_has_its_whole_time_after_an_outage(engine, machine, vendor, clock, out_until):
    out_until(600)
    create_job(engine, request())
    vendor.poll_script += [Pending()] * 12
    job = machine.run("job")
    assert job.status == "completed"
    assert clock.seconds > START_SECONDS + 900, "its first deadline has passed"
    assert vendor.canceled == []


def test_an_order_is_free_that_no_vendor_takes_in_time(engine, machine, vendor, clock, out_until):
    out_until(3600)
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code, job.credits_debited) == ("failed", "provider_upstream", 0)
    assert vendor.requests == []
    assert START_SECONDS + 840 <= clock.seconds <= START_SECONDS + 900
    ledger_is_sound(engine)


def test_one_check_that_fails_does_not_make_it_another_model(engine, machine, vendor, out_until):
    out_until(3)
    create_job(engine, request(allow_builtin_fallback=True))
    job = machine.run("job")
    assert (job.status, job.model, job.fallback_used) == ("completed", "kling-v2.6-pro", False)


def test_a_vendor_that_answered_just_now_is_not_asked(engine, vendor, clock):
    vendor.recovery = "none"
    for name in ("first", "second"):
        create_job(engine, request(name))
        assert submit(engine, name).route != "backoff"
    assert vendor.checks == 1
    clock.seconds += 6
    create_job(engine, request("third"))
    submit(engine, "third")
    assert vendor.checks == 2


def test_who_tries_whether_a_vendor_is_back_sends_no_create_to_one_that_is_not(
    engine, vendor, clock, out_until
):
    """Half open, a circuit costs a check, and no order."""
    out_until(10_000)
    circuits = Circuits(Table("jobs"))
    for _ in range(5):
        with pytest.raises(ProviderUpstream), circuits.checked("kling"):
            raise ProviderUpstream("out")
    clock.seconds += circuits.pause("kling", "submit")
    create_job(engine, request())
    assert submit(engine, "job").route == "backoff"
    assert (vendor.checks, vendor.requests) == (1, [])
    assert Circuits(Table("jobs")).pause("kling", "submit") > 0


def test_reads_that_work_do_not_hide_that_creates_do_not(engine, vendor, clock):
    """A check that is answered closes no circuit and counts as no success."""
    vendor.recovery = "none"
    vendor.submit_script += [ProviderUpstream("creates are out")] * 5
    create_job(engine, request())
    for _ in range(5):
        submit(engine, "job")
    assert vendor.checks == 5
    assert Circuits(Table("jobs")).pause("kling", "submit") > 0
