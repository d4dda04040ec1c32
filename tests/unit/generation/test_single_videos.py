"""Jobs that are bought one by one: paid at acceptance, accepted once, waited for beyond the end."""

from typing import Any

import pytest

from showreel.core.errors import ProviderModelGone, ProviderRateLimited, ProviderUpstream
from showreel.generation.models import JobRequest
from showreel.generation.service import create_job
from showreel.generation.steps.submit import submit
from showreel.providers.base import Failed, Pending, SubmitUnknown, Succeeded
from tests.unit.generation import support
from tests.unit.generation.support import (
    GRANT,
    START_SECONDS,
    WORKSPACE,
    ledger_is_sound,
    put_run,
)


def request(**changes: Any) -> JobRequest:
    fields: dict[str, Any] = {
        "catalogue_id": "kling-v3.0",
        "kind": "interior",
        "capture_on": "acceptance",
        "retry_accepted": False,
        "base_is_least": True,
        "late_seconds": 600,
        "output_key": "generation-videos/0b8e2c9c-7a83-4a35-9a21-9a07c2a6f0a1.mp4",
    }
    return support.request(**(fields | changes))


def spent(engine) -> int:
    account = engine.ledger.account(WORKSPACE)
    assert account.available == account.balance
    assert engine.ledger.open_holds(WORKSPACE) == []
    ledger_is_sound(engine)
    return GRANT - account.balance


def test_the_acceptance_is_what_costs(engine, machine, vendor):
    create_job(engine, request())
    assert engine.ledger.account(WORKSPACE).available == GRANT - 20
    submit(engine, "job")
    assert engine.ledger.account(WORKSPACE).balance == GRANT - 20
    job = machine.run("job")
    assert (job.status, job.credits_debited, spent(engine)) == ("completed", 20, 20)
    assert job.video_url == f"https://api.example/prod/storage/v1/object/public/{job.output_key}"


def test_a_failure_after_the_acceptance_is_not_given_back_and_not_sent_again(
    engine, machine, vendor
):
    vendor.poll_script.append(Failed(ProviderUpstream("broke")))
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.credits_debited, spent(engine)) == ("failed", 20, 20)
    assert vendor.billed.total() == 1
    assert job.video_url is None


def test_with_the_void_policy_it_is_given_back(engine, machine, vendor):
    vendor.poll_script.append(Failed(ProviderUpstream("broke")))
    create_job(engine, request(capture_on="delivery"))
    job = machine.run("job")
    assert (job.status, job.credits_debited, spent(engine)) == ("failed", 0, 0)
    assert vendor.billed.total() == 1


@pytest.mark.parametrize("error", [ProviderUpstream("down"), ProviderRateLimited("slow")])
def test_what_nobody_accepted_is_sent_again_and_paid_once(engine, machine, vendor, error):
    vendor.submit_script += [error, error]
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, spent(engine)) == ("completed", 20)
    assert vendor.billed.total() == 1


def test_what_nobody_accepts_costs_nothing(engine, machine, vendor):
    vendor.submit_script += [ProviderUpstream("down")] * 900
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.credits_debited, spent(engine)) == ("failed", 0, 0)


@pytest.mark.parametrize("capture_on", ["acceptance", "delivery"])
def test_a_late_result_is_delivered_and_paid(engine, machine, vendor, clock, capture_on):
    """Until the last moment nothing is decided: never given back and delivered too."""
    vendor.poll_script += [Pending()] * 22
    create_job(engine, request(capture_on=capture_on))
    job = machine.run("job")
    assert clock.seconds > START_SECONDS + 900
    assert (job.status, spent(engine)) == ("completed", 20)
    assert vendor.canceled


def test_a_job_that_its_vendor_stopped_ends_at_the_deadline(engine, machine, vendor, clock):
    vendor.poll_script += [Pending()] * 99
    vendor.can_cancel = True
    create_job(engine, request(capture_on="delivery"))
    job = machine.run("job")
    assert (job.status, job.error_code, spent(engine)) == ("failed", "provider_timeout", 0)
    assert clock.seconds < START_SECONDS + 900 + 60


def test_a_job_that_never_ends_is_given_up_at_its_last_moment(engine, machine, vendor, clock):
    vendor.poll_script += [Pending()] * 99
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code, spent(engine)) == ("failed", "provider_timeout", 20)
    assert clock.seconds >= START_SECONDS + 900 + 600


def test_a_model_that_is_gone_is_replaced_disclosed_and_paid_once(engine, machine, vendor):
    vendor.submit_script.append(ProviderModelGone("gone"))
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.model, job.requested_model) == (
        "completed",
        "kling-v2.6-pro",
        "kling-v3.0",
    )
    assert job.fallback_used
    assert job.fallback_reason == "model_gone:kling-v3.0->replacement:kling-v2.6-pro"
    assert spent(engine) == 20
    assert vendor.billed.total() == 1


def test_a_second_model_that_is_gone_ends_the_job_at_no_cost(engine, machine, vendor):
    vendor.submit_script += [ProviderModelGone("gone")] * 2
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code, spent(engine)) == ("failed", "model_gone", 0)


def test_a_retired_model_keeps_its_price_and_says_who_makes_it(engine, machine, vendor):
    create_job(engine, request(catalogue_id="veo-2", duration_seconds=8))
    job = machine.run("job")
    assert (job.requested_model, job.model) == ("veo-2", "gemini-omni-1.1-flash")
    assert job.fallback_reason == "retired:veo-2->successor:gemini-omni-1.1-flash"
    assert (job.credits_debited, spent(engine)) == (30, 30)
    assert vendor.requests[0].upstream == "gemini-omni-1.1-flash"


def test_a_successor_that_is_gone_too_is_replaced_by_another_maker(engine, machine, vendor):
    vendor.submit_script.append(ProviderModelGone("gone"))
    create_job(engine, request(catalogue_id="veo-2", duration_seconds=8))
    job = machine.run("job")
    assert (job.status, job.model) == ("completed", "kling-v3.0")
    assert [(sent.upstream, sent.resolution) for sent in vendor.requests] == [
        ("gemini-omni-1.1-flash", "720p"),
        ("kling-v3", "1080p"),
    ]
    assert job.fallback_reason == (
        "retired:veo-2->successor:gemini-omni-1.1-flash; "
        "model_gone:gemini-omni-1.1-flash->replacement:kling-v3.0"
    )
    assert spent(engine) == 30


def test_a_routing_is_disclosed_beside_a_retirement(engine):
    job = create_job(
        engine,
        request(
            catalogue_id="kling-1.6-pro",
            requested_model="veo-2",
            fallback_reason="aspect_ratio_unsupported:veo-2->routed:kling-1.6-pro",
        ),
    )
    assert (job.requested_model, job.model) == ("veo-2", "kling-v3.0")
    assert job.fallback_reason == (
        "aspect_ratio_unsupported:veo-2->routed:kling-1.6-pro; "
        "retired:kling-1.6-pro->successor:kling-v3.0"
    )


def test_a_short_clip_costs_what_the_priced_length_costs(engine):
    assert create_job(engine, request(duration_seconds=3)).credits == 20
    assert create_job(engine, request(job_id="long", duration_seconds=8)).credits == 32


def test_the_id_that_a_webhook_reported_is_looked_up(engine, machine, vendor, clock):
    """The create was not answered; the webhook names the job before a listing shows it."""
    vendor.recovery = "look_up"
    vendor.submit_script.append(SubmitUnknown("late"))
    told = []
    create_job(engine, request())
    engine.jobs.hint("job", 1, "webhook-1", "task-1")
    find = vendor.find

    def spy(lookup):
        told.append(lookup.reported_task_id)
        return find(lookup)

    vendor.find = spy
    assert machine.run("job").status == "completed"
    assert told == ["task-1"]


def test_a_result_that_is_no_url_is_stored(engine, machine, vendor, results):
    vendor.poll_script.append(Succeeded(data=b"good film"))
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "completed"
    assert results.storage.stored == [job.output_key]
    assert results.fetched == []


def test_a_piece_costs_what_its_run_holds_for_it(engine, machine, monkeypatch):
    """The operator has raised the price since the run began."""
    engine.ledger.hold(WORKSPACE, "run", 30, run_id="run")
    put_run("run")
    quoted = request(hold_id="run", run_id="run", quoted_credits=30)
    monkeypatch.setattr("showreel.catalog.pricing.credits_of", lambda *_, **__: 70)
    assert create_job(engine, quoted).credits == 30
    assert machine.run("job").credits_debited == 30
