"""Our own side is out for longer than the vendor needs: nothing is lost, nothing charged twice."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from showreel.core import dynamo
from showreel.core.clock import now
from showreel.core.errors import NotFound, ProviderContentPolicy, ProviderUpstream, Transient
from showreel.generation import deliver
from showreel.generation.models import FORWARDS
from showreel.generation.reviving import reconcile
from showreel.generation.service import cancel, create_job
from showreel.generation.steps.collect import collect
from showreel.generation.steps.events import TokenTask
from showreel.generation.steps.submit import submit
from showreel.generation.verdicts import progress
from showreel.generation.views import view
from showreel.providers.base import Pending, SubmitUnknown, Succeeded, VendorTask
from showreel.singles.gmi.service import state
from tests.unit.generation.support import (
    GRANT,
    START_SECONDS,
    WORKSPACE,
    due,
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


SIX = tuple(f"task-1-{number}.mp4" for number in range(6))
SIX_FILES = {"output_key": "generation-videos/0b8e2c9c-7a83-4a35-9a21-9a07c2a6f0a1"}


def test_a_result_too_large_for_one_step_is_fetched_in_several(
    engine, machine, vendor, results, monkeypatch
):
    create_job(engine, request(**SIX_FILES))
    vendor.poll_script += [Succeeded(SIX)] * 9
    passed = SimpleNamespace(seconds=0.0)

    def slow(*arguments, **options):
        passed.seconds += 25
        return results.fetch(*arguments, **options)

    monkeypatch.setattr(deliver, "copy_result", slow)
    monkeypatch.setattr(deliver, "time", SimpleNamespace(monotonic=lambda: passed.seconds))
    job = machine.run("job")
    assert results.fetched == list(SIX)
    assert len(set(results.storage.stored)) == 6
    assert [file.key for file in job.delivery.files] == results.storage.stored
    assert job.counts.polls == 2
    ledger_is_sound(engine)


def test_a_file_that_cannot_be_read_yet_is_waited_for_and_those_before_it_are_kept(
    engine, machine, vendor, results
):
    create_job(engine, request(**SIX_FILES))
    vendor.poll_script += [Succeeded(SIX[:3])] * 9
    results.script += [b"good", b"good", Transient("down"), Transient("down"), b"good"]
    job = machine.run("job")
    assert results.fetched == [SIX[0], SIX[1], SIX[2], SIX[2], SIX[2]]
    assert [file.key for file in job.delivery.files] == results.storage.stored


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


@pytest.mark.parametrize("recovery", ["resend", "look_up", "none"])
@pytest.mark.parametrize("what", ["key", "signature", "picture"])
def test_what_is_ours_is_out_right_before_a_submission_and_nothing_is_sent(
    engine, machine, vendor, results, monkeypatch, recovery, what
):
    """Secrets Manager or S3. A create that may have been sent is never sent again, so it has to be
    known that this one wasn't.
    """
    vendor.recovery, vendor.reads_pictures = recovery, True
    create_job(engine, request())

    def down(*_):
        raise Transient("out")

    monkeypatch.setattr(results.storage, "get", lambda _: b"picture", raising=False)
    with monkeypatch.context() as patch:
        if what == "signature":
            patch.setattr("showreel.generation.steps.submit.callback_url", down)
        if what == "picture":
            patch.setattr(results.storage, "get", down)
        broken = replace(engine, provider=down) if what == "key" else engine
        for _ in range(3):
            with pytest.raises(Transient):
                submit(broken, "job")
    job = machine.run("job")
    assert (job.status, job.attempt.number) == ("completed", 1)
    assert sum(vendor.billed.values()) == 1
    assert vendor.requests[0].image.read() == b"picture"


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_step_that_runs_twice_and_is_slow_sends_nothing_after_the_other(
    engine, machine, vendor, is_refused
):
    """It has read the row before the other one sent, and goes on when that one is done."""
    create_job(engine, request())
    if is_refused:
        vendor.submit_script.append(ProviderContentPolicy("no"))
    ran = []

    def meanwhile(_):
        if not ran:
            ran.append(submit(engine, "job"))
        return vendor

    submit(replace(engine, provider=meanwhile), "job")
    assert len(vendor.requests) == 1
    job = machine.run("job")
    assert (job.status, job.attempt.number) == ("failed" if is_refused else "completed", 1)
    assert sum(vendor.billed.values()) == (0 if is_refused else 1)


@pytest.mark.parametrize("out_seconds", [0, 600])
def test_a_vendor_that_is_out_with_the_answer_is_asked_when_it_is_back(
    engine, machine, vendor, clock, out_seconds
):
    """It took the order, its answer was lost with it, and it is seen in its listing afterwards."""
    vendor.recovery = "look_up"
    vendor.submit_script.append(SubmitUnknown("the answer was lost"))
    find, back_at = vendor.find, clock.seconds + out_seconds

    def look(lookup):
        if clock.seconds < back_at:
            raise ProviderUpstream("out")
        return find(lookup)

    vendor.find = look
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.attempt.number) == ("completed", 1)
    assert sum(vendor.billed.values()) == 1


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


def test_what_a_user_saw_never_goes_backwards(engine, vendor, results, clock):
    """I6: a second attempt, and a vendor that says `queued` after `running`."""
    create_job(engine, request())
    seen, told = [], []

    def look():
        job = engine.jobs.get("job")
        seen.append(FORWARDS.index(view(job).status))
        told.append((state(job)["status"], progress(job, now()), job.progress))

    vendor.poll_script += [Pending(percent=60, is_running=True), Pending(queue_position=4)]
    vendor.poll_script += [Succeeded(("a.mp4",))]
    results.script += [b"bad", b"bad"]
    for step in (submit, collect, collect, collect, submit, collect):
        look()
        step(engine, "job")
        if step is not collect or not engine.jobs.get("job").is_finished:
            look()
    assert engine.jobs.get("job").attempt.number == 2
    assert seen == sorted(seen)
    words = [word for word, _, _ in told]
    assert words == sorted(words, key=["queued", "processing"].index)
    assert [share for _, share, _ in told] == sorted(share for _, share, _ in told)
    assert (told[-1][2].percent, told[-1][2].queue_position) == (60, None)


class TestCreateOnItsWay:
    """A process dies between the create and its answer, and the job is canceled meanwhile."""

    @pytest.fixture
    def lost(self, engine, executions, vendor):
        create_job(engine, request())
        vendor.submit_script.append(SubmitUnknown("lost reply"))
        vendor.find = None  # the process is gone: nobody looks
        with pytest.raises(TypeError):
            submit(engine, "job")
        del vendor.find
        assert cancel(engine, "job").status == "canceled"
        return vendor

    def test_its_task_is_stopped_when_it_can_be_seen(self, engine, lost, clock):
        clock.seconds += 400
        assert due(engine.jobs, clock.seconds) == ["job"]
        reconcile("job", ARN)
        assert lost.canceled == ["task-1"]
        assert due(engine.jobs, clock.seconds + 9999) == []
        reconcile("job", ARN)
        assert lost.canceled == ["task-1"]
        assert engine.ledger.account(WORKSPACE).available == GRANT

    def test_a_vendor_that_is_out_is_asked_again(self, engine, lost, clock):
        def out(_):
            raise ProviderUpstream("out")

        lost.find = out
        for _ in range(5):
            clock.seconds += 400
            reconcile("job", ARN)
        assert due(engine.jobs, clock.seconds + 400) == ["job"]
        del lost.find
        reconcile("job", ARN)
        assert lost.canceled == ["task-1"]

    def test_but_not_for_ever(self, engine, lost, clock):
        def out(_):
            raise ProviderUpstream("out")

        lost.find = out
        clock.seconds += 3600
        reconcile("job", ARN)
        assert due(engine.jobs, clock.seconds + 9999) == []


def test_a_vendor_that_does_not_cancel_breaks_no_submission(engine, vendor, monkeypatch):
    """Canceled while the create is under way: its task is to be stopped, and that call fails."""
    create_job(engine, request())

    def canceled_meanwhile(request):
        cancel(engine, "job")
        return VendorTask("task-9", "videos")

    def out(_):
        raise ProviderUpstream("out")

    monkeypatch.setattr(vendor, "submit", canceled_meanwhile)
    monkeypatch.setattr(vendor, "cancel", out)
    assert submit(engine, "job").route == "settle"
    assert engine.jobs.get("job").status == "canceled"


def test_a_clear_refusal_leaves_nothing_to_look_for(engine, machine, vendor, clock):
    create_job(engine, request())
    vendor.submit_script.append(ProviderContentPolicy("no"))
    assert machine.run("job").status == "failed"
    assert due(engine.jobs, clock.seconds + 9999) == []


@pytest.mark.parametrize(
    ("code", "status", "is_ours"),
    [
        ("ThrottlingException", 400, True),
        ("Throttling", 400, True),
        ("SomethingNew", 503, True),
        ("ValidationException", 400, False),
        ("AccessDeniedException", 400, False),
    ],
)
def test_outages_are_recognised_by_code(code, status, is_ours):
    told = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = dynamo._translate(ClientError(told, "PutItem"))
    assert isinstance(error, Transient) is is_ours


@pytest.mark.parametrize(
    ("reason", "is_ours"), [("ThrottlingError", True), ("ValidationError", False)]
)
def test_a_transaction_that_would_be_cancelled_again_is_not_waited_out(reason, is_ours):
    told = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "None"}, {"Code": reason}],
    }
    error = dynamo._translate(ClientError(told, "TransactWriteItems"))
    assert isinstance(error, Transient) is is_ours
