"""The engine's histories: what a vendor can do to a job, and what the user's money does then."""

from dataclasses import replace

import pytest

from showreel.catalog import Binding
from showreel.core.dynamo import Table
from showreel.core.errors import (
    Conflict,
    InsufficientCredits,
    InvalidInput,
    MediaError,
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
    Transient,
)
from showreel.credits import Ledger
from showreel.generation import service
from showreel.generation import webhooks_in as hints
from showreel.generation.service import cancel, create_job
from showreel.generation.settle import complete, release, settle
from showreel.generation.steps import submit as submit_module
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.steps.collect import collect
from showreel.generation.steps.submit import submit
from showreel.providers.base import Failed, Pending, SubmitUnknown
from showreel.providers.webhooks import Notice, Webhook
from showreel.runs import executions
from tests.unit.generation.support import (
    GRANT,
    START_SECONDS,
    WORKSPACE,
    ledger_is_sound,
    put_run,
    request,
)


def check(engine, job, *, spent):
    account = engine.ledger.account(WORKSPACE)
    assert (account.balance, account.available) == (GRANT - spent, GRANT - spent)
    assert job.is_finished
    assert job.settled_at
    assert engine.ledger.open_holds(WORKSPACE) == []
    ledger_is_sound(engine)


def test_a_row_expires_a_month_after_it_was_settled_and_not_before(engine, machine, clock):
    """However often it is settled again."""
    create_job(engine, request())
    assert "expires_at" not in row_of("job")
    machine.run("job")
    month = 30 * 86_400
    expiry = row_of("job")["expires_at"]
    assert expiry == clock.seconds + month
    engine.jobs.mark_settled(engine.jobs.get("job"))
    assert row_of("job")["expires_at"] == expiry


def row_of(job_id):
    return Table("jobs").get(f"job#{job_id}", "job")


def test_a_job_is_held_made_stored_paid_and_answered(engine, machine, vendor, results, answers):
    created = create_job(engine, request())
    assert engine.ledger.account(WORKSPACE).available == GRANT - 30
    job = machine.run("job")
    assert job.status == "completed"
    assert machine.trace == ["submit", "collect"]
    assert results.storage.stored == [created.output_key]
    assert created.output_key.startswith("generation-videos/")
    assert vendor.requests[0].external_id == "job-1"
    assert vendor.requests[0].image.url == "https://bucket.example/project-assets/a.jpg?signature"
    called = vendor.requests[0].callback_url
    assert called.startswith("https://api.example/prod/webhooks/kling?attempt=job-1&signature=")
    assert answers.of("parent-1") == [
        {
            "jobId": "job",
            "status": "completed",
            "outputKey": created.output_key,
            "creditsDebited": 30,
            "costCents": 35,
            "model": "kling-v2.6-pro",
            "errorCode": None,
        }
    ]
    check(engine, job, spent=30)


def test_a_job_of_a_run_captures_from_the_runs_hold(engine, machine):
    engine.ledger.hold(WORKSPACE, "run", 70, run_id="run")
    put_run("run")
    for name in ("one", "two"):
        create_job(engine, request(name, hold_id="run", run_id="run"))
        assert machine.run(name).status == "completed"
    hold = engine.ledger.find_hold(WORKSPACE, "run")
    assert (hold.captured, hold.remaining, hold.status) == (60, 10, "open")
    ledger_is_sound(engine)


@pytest.mark.parametrize(
    ("status", "cancel_requested"), [("running", True), ("canceled", True), ("failed", False)]
)
def test_no_job_is_made_for_a_run_that_ends(engine, status, cancel_requested):
    engine.ledger.hold(WORKSPACE, "run", 70, run_id="run")
    put_run("run", status=status, cancel_requested=cancel_requested)
    with pytest.raises(Conflict) as raised:
        create_job(engine, request(hold_id="run", run_id="run"))
    assert raised.value.code == "run_over"
    assert engine.jobs.find("job") is None


def test_no_job_is_made_under_a_hold_that_is_closed(engine):
    engine.ledger.hold(WORKSPACE, "run", 70, run_id="run")
    put_run("run")
    engine.ledger.close(WORKSPACE, "run", "voided")
    with pytest.raises(Conflict):
        create_job(engine, request(hold_id="run", run_id="run"))
    assert engine.jobs.find("job") is None


def test_a_job_of_a_run_is_found_again_when_the_run_is_over(engine):
    """A step that is tried again after its job was made."""
    engine.ledger.hold(WORKSPACE, "run", 70, run_id="run")
    put_run("run")
    wish = request(hold_id="run", run_id="run")
    made = create_job(engine, wish)
    put_run("run", status="canceled")
    assert create_job(engine, wish).job_id == made.job_id


def test_a_hold_that_is_too_small_discards_the_result(engine, machine, answers):
    engine.ledger.hold(WORKSPACE, "run", 20, run_id="run")
    create_job(engine, request(hold_id="run"))
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "hold_closed")
    assert answers.of("parent-1")[0]["outputKey"] is None
    assert engine.ledger.account(WORKSPACE).balance == GRANT


def test_a_closed_run_hold_discards_the_result(engine, machine):
    engine.ledger.hold(WORKSPACE, "run", 60, run_id="run")
    create_job(engine, request(hold_id="run"))
    engine.ledger.close(WORKSPACE, "run", "voided")
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "hold_closed")
    assert engine.ledger.account(WORKSPACE).balance == GRANT


def test_not_enough_credits_makes_no_job(engine):
    for n in range(3):
        create_job(engine, request(f"job{n}"))
    with pytest.raises(InsufficientCredits):
        create_job(engine, request("job3"))
    assert engine.jobs.find("job3") is None
    assert engine.ledger.account(WORKSPACE).available == 10


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"catalogue_id": "nothing"}, "unknown_model"),
        ({"image_key": None}, "image_required"),
        ({"prompt": "  "}, "prompt_required"),
        ({"aspect_ratio": "4:3"}, "aspect_ratio_unsupported"),
    ],
)
def test_bad_requests_hold_nothing(engine, changes, code):
    with pytest.raises(InvalidInput) as caught:
        create_job(engine, request(**changes))
    assert caught.value.code == code
    assert engine.ledger.account(WORKSPACE).available == GRANT


@pytest.mark.parametrize(
    "error",
    [Failed(ProviderUpstream("failed")), ProviderTimeout("said 5002")],
)
def test_retryable_failures_get_three_attempts_and_one_charge(engine, machine, vendor, error):
    script = vendor.poll_script if isinstance(error, Failed) else vendor.submit_script
    script += [error, error]
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "completed"
    assert [sent.external_id for sent in vendor.requests] == ["job-1", "job-2", "job-3"]
    check(engine, job, spent=30)


def test_three_failures_are_the_end(engine, machine, vendor):
    vendor.poll_script += [Failed(ProviderUpstream("failed"))] * 3
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code, job.attempt.number) == ("failed", "provider_upstream", 3)
    check(engine, job, spent=0)


@pytest.mark.parametrize(
    "error",
    [
        ProviderContentPolicy("no"),
        ProviderInvalidInput("no"),
        ProviderAuth("no"),
        ProviderQuota("no"),
    ],
)
@pytest.mark.parametrize("when", ["submit", "poll"])
def test_permanent_failures_are_not_repeated(engine, machine, vendor, error, when):
    if when == "submit":
        vendor.submit_script.append(error)
    else:
        vendor.poll_script.append(Failed(error))
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", error.code)
    assert len(vendor.requests) == 1
    check(engine, job, spent=0)


def test_a_rate_limit_waits_and_keeps_the_attempt(engine, machine, vendor, clock):
    vendor.submit_script += [ProviderRateLimited("slow", retry_after_seconds=40)] * 2
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "completed"
    assert clock.seconds >= START_SECONDS + 80
    assert [sent.external_id for sent in vendor.requests] == ["job-1"] * 3
    assert list(vendor.created) == ["job-1"]
    check(engine, job, spent=30)


def test_an_endless_rate_limit_ends_at_the_deadline(engine, machine, vendor, clock):
    vendor.submit_script += [ProviderRateLimited("slow")] * 500
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "provider_rate_limited")
    assert clock.seconds <= START_SECONDS + 900
    check(engine, job, spent=0)


def test_a_lost_create_reply_is_found_again(engine, machine, vendor):
    vendor.submit_script.append(SubmitUnknown("reply lost"))
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "completed"
    assert len(vendor.requests) == 1
    check(engine, job, spent=30)


def test_a_create_that_never_arrived_is_sent_again_after_a_while(engine, machine, vendor, clock):
    vendor.submit_script.append("lost")
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "completed"
    assert [sent.external_id for sent in vendor.requests] == ["job-1", "job-1"]
    assert clock.seconds >= START_SECONDS + 30
    check(engine, job, spent=30)


def test_an_unknown_create_that_a_look_up_may_miss_is_never_repeated(
    engine, machine, vendor, clock
):
    vendor.recovery = "look_up"
    vendor.submit_script.append("lost")
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "submit_unknown")
    assert len(vendor.requests) == 1
    assert vendor.finds > 5
    assert clock.seconds >= START_SECONDS + 300
    check(engine, job, spent=0)


def test_an_unknown_create_that_a_look_up_finds_is_taken(engine, machine, vendor):
    vendor.recovery = "look_up"
    vendor.submit_script.append(SubmitUnknown("late"))
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.prediction_id) == ("completed", "task-1")
    assert vendor.billed.total() == 1
    check(engine, job, spent=30)


def test_an_unknown_create_that_can_not_be_looked_up_ends_at_once(engine, machine, vendor, clock):
    vendor.recovery = "none"
    vendor.submit_script.append("lost")
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "submit_unknown")
    assert (len(vendor.requests), vendor.finds) == (1, 0)
    assert clock.seconds < job.terms.deadline_at_seconds
    check(engine, job, spent=0)


def test_a_vendor_that_cannot_be_asked_is_not_a_vendor_that_knows_nothing(
    engine, machine, vendor, monkeypatch
):
    vendor.submit_script.append("lost")
    asked = []

    def unreachable(lookup):
        asked.append(lookup.external_id)
        raise ProviderUpstream("down")

    monkeypatch.setattr(vendor, "find", unreachable)
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "failed"
    assert len(vendor.requests) == 1
    assert len(asked) > 10


def test_a_refused_key_is_looked_up(engine, machine, vendor):
    """A create that came through twice: the vendor refuses the second, the first is ours."""
    vendor.created["job-1"] = "task-0"
    vendor.refuses_known_keys = True
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.prediction_id) == ("completed", "task-0")
    check(engine, job, spent=30)


def test_a_hang_ends_at_the_deadline_after_one_last_question(engine, machine, vendor, clock):
    vendor.poll_script += [Pending()] * 500
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "provider_timeout")
    assert vendor.canceled == ["task-1"]
    assert clock.seconds == START_SECONDS + 900
    check(engine, job, spent=0)


def test_a_films_piece_waits_where_it_was_submitted_if_its_vendor_sends_webhooks(engine, vendor):
    vendor.poll_script.append(Pending())
    create_job(engine, request())
    assert submit(engine, "job").route == "hold"
    step = collect(engine, "job")
    assert (step.route, step.wait_seconds) == ("await", 60)


@pytest.mark.parametrize(("parent_token", "has_webhooks"), [("parent-1", False), (None, True)])
def test_a_job_that_is_watched_or_has_no_webhooks_is_polled_soon(
    engine, vendor, parent_token, has_webhooks
):
    vendor.has_webhooks = has_webhooks
    create_job(engine, request(parent_token=parent_token))
    step = submit(engine, "job")
    assert (step.route, step.wait_seconds) == ("await", 5)


def test_a_job_that_is_due_soon_is_not_held(engine, vendor, clock):
    create_job(engine, request(deadline_at_seconds=clock.seconds + 60))
    step = submit(engine, "job")
    assert (step.route, step.wait_seconds) == ("await", 60)


def test_a_vendor_whose_webhook_came_too_early_is_polled_again_soon(engine, vendor):
    create_job(engine, request())
    submit(engine, "job")
    vendor.poll_script.append(Pending())
    webhook = Webhook("webhook-1", Notice(external_id=None, is_final=True))
    assert hints.on_webhook(engine.jobs, "job-1", webhook)
    assert collect(engine, "job").wait_seconds < 10


def test_a_success_at_the_last_moment_is_delivered(engine, machine, vendor, clock):
    create_job(engine, request())
    submit(engine, "job")
    clock.seconds += 2000
    assert collect(engine, "job").route == "settle"
    job = settle(engine, "job")
    assert job.status == "completed"
    check(engine, job, spent=30)


def test_errors_while_polling_are_no_verdict(engine, machine, vendor):
    vendor.poll_script += [ProviderUpstream("500"), ProviderTimeout("slow"), ProviderAuth("401")]
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "completed"
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("bad", [b"<html>", b"", MediaError("media_too_large")])
def test_a_bad_file_is_fetched_again_before_the_vendor_is_blamed(
    engine, machine, vendor, results, bad
):
    results.script.append(bad)
    create_job(engine, request())
    assert machine.run("job").status == "completed"
    assert len(results.fetched) == 2
    assert len(vendor.requests) == 1


def test_bad_files_only_fail_the_job(engine, machine, vendor, results):
    results.script += [b"<html>"] * 6
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "bad_delivery")
    assert len(vendor.requests) == 3
    assert results.storage.stored == []
    check(engine, job, spent=0)


def test_a_result_url_pointing_inside_is_not_fetched_twice(engine, machine, vendor, results):
    results.script += [InvalidInput("blocked", code="blocked_url")] * 3
    create_job(engine, request())
    assert machine.run("job").error_code == "bad_delivery"
    assert len(results.fetched) == 3


def test_a_result_that_cannot_be_read_just_now_is_waited_for(engine, machine, vendor, results):
    results.script += [Transient("no route")] * 3
    create_job(engine, request())
    assert machine.run("job").status == "completed"
    assert len(vendor.requests) == 1


def test_a_gone_model_is_replaced_once_and_disclosed(engine, machine, vendor):
    vendor.submit_script.append(ProviderModelGone("gone"))
    create_job(engine, request())
    job = machine.run("job")
    assert job.status == "completed"
    assert (job.requested_model, job.model) == ("kling-v2.6-pro", "kling-v3.0")
    assert job.fallback_used
    assert job.fallback_reason == "model_gone:kling-v2.6-pro->replacement:kling-v3.0"
    assert [sent.upstream for sent in vendor.requests] == ["kling-v2-6", "kling-v3"]
    check(engine, job, spent=20)


def test_a_gone_replacement_is_the_end(engine, machine, vendor):
    vendor.submit_script += [ProviderModelGone("gone")] * 2
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "model_gone")
    check(engine, job, spent=0)


@pytest.mark.parametrize("error", [ProviderQuota("no money"), ProviderAuth("key")])
def test_an_allowed_fallback_makes_the_clip_ourselves(engine, machine, vendor, answers, error):
    vendor.submit_script.append(error)
    create_job(engine, request(allow_builtin_fallback=True))
    job = machine.run("job")
    assert (job.status, job.model) == ("completed", "showreel/camera-motion")
    assert job.fallback_reason == f"{error.code}:kling-v2.6-pro->builtin:showreel/camera-motion"
    assert "render" in machine.trace
    assert answers.of("parent-1")[0]["costCents"] == 0
    check(engine, job, spent=1)


def test_a_bad_prompt_never_falls_back(engine, machine, vendor):
    vendor.submit_script.append(ProviderContentPolicy("no"))
    create_job(engine, request(allow_builtin_fallback=True))
    assert machine.run("job").status == "failed"


def test_the_built_in_model_needs_no_vendor(engine, machine, vendor):
    create_job(engine, request(catalogue_id="showreel/camera-motion", duration_seconds=7))
    job = machine.run("job")
    assert job.status == "completed"
    assert machine.trace == ["submit", "render", "collect"]
    assert vendor.requests == []
    check(engine, job, spent=1)


def test_a_switched_off_vendor_gets_nothing(engine, machine, vendor, monkeypatch):
    from showreel.core import settings as core_settings

    monkeypatch.setenv("DISABLED_PROVIDERS", "fal, kling")
    core_settings.settings.cache_clear()
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "provider_disabled")
    assert vendor.requests == []


def test_the_operators_binding_counts_when_the_job_is_sent(engine, machine, vendor, monkeypatch):
    rebound = Binding(provider="other", upstream="k9", parameters={"mode": "std"})
    monkeypatch.setattr(submit_module, "bind", lambda _: rebound)
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.provider) == ("completed", "other")
    assert (vendor.requests[0].upstream, vendor.requests[0].parameters) == ("k9", {"mode": "std"})


def test_broken_bindings_fail_the_job_before_anything_is_sent(engine, machine, vendor, monkeypatch):
    def broken(_):
        raise ProviderError("bindings are not valid")

    monkeypatch.setattr(submit_module, "bind", broken)
    create_job(engine, request())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "provider_error")
    assert vendor.requests == []


class TestCaptureOnAcceptance:
    def test_failing_after_acceptance_stays_paid(self, engine, machine, vendor):
        vendor.poll_script += [Failed(ProviderContentPolicy("refused"))]
        create_job(engine, request(capture_on="acceptance"))
        job = machine.run("job")
        assert (job.status, job.credits_debited) == ("failed", 30)
        assert engine.ledger.find_hold(WORKSPACE, "job").status == "posted"
        check(engine, job, spent=30)

    def test_failing_before_acceptance_is_free(self, engine, machine, vendor):
        vendor.submit_script.append(ProviderQuota("broke"))
        create_job(engine, request(capture_on="acceptance"))
        job = machine.run("job")
        assert engine.ledger.find_hold(WORKSPACE, "job").status == "voided"
        check(engine, job, spent=0)

    def test_several_attempts_are_paid_once(self, engine, machine, vendor):
        vendor.poll_script += [Failed(ProviderUpstream("failed"))] * 2
        create_job(engine, request(capture_on="acceptance"))
        job = machine.run("job")
        assert (job.status, job.attempt.number) == ("completed", 3)
        check(engine, job, spent=30)

    def test_an_acceptance_without_a_hold_ends_the_job(self, engine, machine, vendor):
        create_job(engine, request(capture_on="acceptance"))
        engine.ledger.close(WORKSPACE, "job", "expired")
        job = machine.run("job")
        assert (job.status, job.error_code) == ("failed", "hold_closed")
        assert vendor.canceled == ["task-1"]
        check(engine, job, spent=0)


class TestCancel:
    @pytest.mark.parametrize("steps", [0, 1])
    def test_in_every_open_state(self, engine, machine, vendor, answers, steps):
        create_job(engine, request())
        if steps:
            submit(engine, "job")
        job = cancel(engine, "job")
        assert job.status == "canceled"
        assert vendor.canceled == ["task-1"] * steps
        assert answers.of("parent-1")[0]["status"] == "canceled"
        check(engine, job, spent=0)
        assert machine.run("job").status == "canceled"
        assert len(vendor.requests) == steps
        check(engine, engine.jobs.get("job"), spent=0)

    def test_twice_is_once(self, engine, answers):
        create_job(engine, request())
        first, second = cancel(engine, "job"), cancel(engine, "job")
        assert first == second
        assert len(answers.of("parent-1")) == 1

    def test_after_the_end_changes_nothing(self, engine, machine):
        create_job(engine, request())
        done = machine.run("job")
        assert cancel(engine, "job") == done
        check(engine, done, spent=30)

    def test_while_the_result_comes_home(self, engine, machine, results, monkeypatch):
        create_job(engine, request())
        submit(engine, "job")
        monkeypatch.setattr(results.storage, "put_file", lambda *_: cancel(engine, "job"))
        assert collect(engine, "job").route == "submit"
        assert machine.run("job").status == "canceled"
        check(engine, engine.jobs.get("job"), spent=0)

    def test_while_the_vendor_is_accepting(self, engine, machine, vendor, monkeypatch):
        create_job(engine, request())
        really = vendor.submit

        def and_cancel(sent):
            cancel(engine, "job")
            return really(sent)

        monkeypatch.setattr(vendor, "submit", and_cancel)
        job = machine.run("job")
        assert job.status == "canceled"
        assert vendor.canceled == ["task-1"]
        check(engine, job, spent=0)

    def test_of_nothing_is_nothing(self, engine):
        assert cancel(engine, "nobody") is None


class TestRelease:
    def test_a_broken_execution_ends_its_job(self, engine, vendor, answers):
        create_job(engine, request())
        submit(engine, "job")
        job = release(engine, "job")
        assert (job.status, job.error_code) == ("failed", "internal_error")
        assert vendor.canceled == ["task-1"]
        assert answers.of("parent-1")[0]["errorCode"] == "internal_error"
        check(engine, job, spent=0)

    def test_what_is_stored_is_delivered(self, engine):
        create_job(engine, request())
        submit(engine, "job")
        collect(engine, "job")
        job = release(engine, "job")
        assert job.status == "completed"
        check(engine, job, spent=30)

    def test_a_known_reason_is_kept(self, engine, vendor):
        vendor.submit_script.append(ProviderQuota("broke"))
        create_job(engine, request())
        submit(engine, "job")
        assert release(engine, "job").error_code == "provider_quota"


class TestParents:
    def test_a_repeat_with_a_new_token_replaces_it(self, engine, machine, answers):
        create_job(engine, request())
        create_job(engine, request(parent_token="parent-2"))
        machine.run("job")
        assert answers.of("parent-1") == []
        assert answers.of("parent-2")[0]["status"] == "completed"

    def test_a_repeat_after_the_end_is_answered_at_once(self, engine, machine, answers):
        create_job(engine, request())
        machine.run("job")
        create_job(engine, request(parent_token="parent-2"))
        assert answers.of("parent-2") == answers.of("parent-1")

    def test_a_repeat_holds_nothing_more(self, engine):
        create_job(engine, request())
        create_job(engine, request())
        assert engine.ledger.account(WORKSPACE).available == GRANT - 30

    def test_another_workspace_cannot_take_the_id(self, engine):
        create_job(engine, request())
        with pytest.raises(Conflict):
            create_job(engine, request(workspace_id="ws_2"))

    def test_settling_again_answers_again_and_moves_nothing(self, engine, machine, answers):
        create_job(engine, request())
        job = machine.run("job")
        assert complete(engine, job).status == "completed"
        assert len(answers.of("parent-1")) == 2
        check(engine, job, spent=30)


def test_await_answers_at_once_when_the_job_is_over(engine, answers):
    create_job(engine, request())
    cancel(engine, "job")
    await_vendor(engine.jobs, "job", "token")
    assert answers.of("token") == [{}]


def test_jobs_are_listed_newest_first(engine):
    for n in range(3):
        create_job(engine, request(f"job{n}", catalogue_id="showreel/camera-motion"))
    first, start = engine.jobs.page(WORKSPACE, 2)
    second, end = engine.jobs.page(WORKSPACE, 2, start)
    assert len({job.job_id for job in [*first, *second]}) == 3
    assert end is None
    assert engine.jobs.page("ws_2", 5) == ([], None)


def test_start_job_starts_its_execution(engine, monkeypatch):
    calls = []
    monkeypatch.setattr(service, "engine", lambda arn: replace(engine, function_arn=arn))
    monkeypatch.setattr(
        executions, "call_states", lambda *args, **kwargs: calls.append((args[0], kwargs))
    )
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"
    service.start_job(request(), arn)
    service.start_job(request(), arn)
    service.cancel_job("job", arn)
    service.start_job(request(), arn)
    base = "arn:aws:states:eu-central-1:123456789012"
    started = {
        "stateMachineArn": f"{base}:stateMachine:stack-generation",
        "name": "job",
        "input": '{"job_id": "job", "first_wait_seconds": 90}',
    }
    stopped = {
        "executionArn": f"{base}:execution:stack-generation:job",
        "error": "Canceled",
    }
    assert calls == [
        ("start_execution", started),
        ("start_execution", started),
        ("stop_execution", stopped),
    ]


def test_the_ledger_of_the_engine_is_the_real_one(engine):
    assert isinstance(engine.ledger, Ledger)
    assert Ledger(Table("credits")).account(WORKSPACE).balance == GRANT
