"""The generation machine in the running stack: real handlers, real ASL, the vendor's wire form."""

import json
import time

import pytest

from showreel.core.clock import now_seconds
from showreel.generation import service, turns
from tests.statemachines.conftest import Workshop
from tests.support.http import call, eventually
from tests.support.samples import first

pytestmark = pytest.mark.stack


def test_a_webhook_brings_the_clip_home(workshop: Workshop) -> None:
    workshop.settled(workshop.start())  # the vendor has this clip rendered by now: no poll is due
    spent, job_id = workshop.spent(), workshop.start()
    job = workshop.settled(job_id)
    assert (job.status, job.error_code) == ("completed", None)
    assert "TaskTimedOut" not in {event["type"] for event in workshop.events(job_id)}
    assert workshop.output_exists(job)
    assert workshop.spent() == spent + 30
    assert workshop.submissions(job_id) == [f"{job_id}-1"]
    assert workshop.history(job_id) == ["Submit", "PlanWait", "Await", "Collect"]


def test_a_films_piece_waits_where_it_was_submitted(workshop: Workshop) -> None:
    job_id = workshop.start(parent_token="gone")
    assert workshop.settled(job_id).status == "completed"
    assert workshop.history(job_id) == ["Submit", "Collect"]
    assert workshop.spent() == 30


def test_a_films_piece_whose_webhook_is_lost_is_asked_for(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "first_wait_seconds", lambda: 4)
    workshop.spoil("webhook", "webhook_lost")
    job_id = workshop.start(parent_token="gone")
    assert workshop.settled(job_id).status == "completed"
    assert workshop.history(job_id) == ["Submit", "Collect"]
    assert workshop.submissions(job_id) == [f"{job_id}-1"]


def test_a_lost_webhook_is_found_by_polling(workshop: Workshop) -> None:
    workshop.spoil("webhook", "webhook_lost")
    job = workshop.settled(workshop.start())
    assert job.status == "completed"
    assert workshop.spent() == 30


def test_many_at_once_each_cost_once(workshop: Workshop) -> None:
    jobs = [workshop.start() for _ in range(6)]
    assert [workshop.settled(job_id, 120).status for job_id in jobs] == ["completed"] * 6
    assert [workshop.submissions(job_id) for job_id in jobs] == [[f"{job}-1"] for job in jobs]
    assert workshop.spent() == 180


def test_a_child_answers_its_parents_token(workshop: Workshop) -> None:
    """Over already, here: a token that nobody waits for must not stop the job from settling."""
    job_id = workshop.start(
        catalogue_id="showreel/camera-motion", parent_token="gone", duration_seconds=1
    )
    assert workshop.settled(job_id).status == "completed"


@pytest.mark.parametrize("fault", ["webhook_doubled", "webhook_forged"])
def test_odd_webhooks_change_nothing(workshop: Workshop, fault: str) -> None:
    workshop.spoil("webhook", fault)
    job_id = workshop.start()
    assert workshop.settled(job_id).status == "completed"
    assert workshop.submissions(job_id) == [f"{job_id}-1"]
    assert workshop.spent() == 30


def test_the_built_in_model_needs_no_vendor(workshop: Workshop) -> None:
    job_id = workshop.start(catalogue_id="showreel/camera-motion", duration_seconds=1)
    job = workshop.settled(job_id)
    assert (job.status, job.error_code) == ("completed", None)
    assert workshop.output_exists(job)
    assert workshop.spent() == 1
    assert workshop.history(job_id) == ["Submit", "RenderMotion", "Collect"]


@pytest.mark.parametrize("retry_after", first(1, [1, None]))
def test_a_rate_limit_is_waited_out(workshop: Workshop, retry_after: int | None) -> None:
    workshop.spoil("submit", "rate_limited", count=2, retry_after=retry_after)
    job_id = workshop.start()
    assert workshop.settled(job_id).status == "completed"
    assert workshop.submissions(job_id) == [f"{job_id}-1"]
    assert workshop.spent() == 30


def test_a_broken_vendor_is_sent_the_same_again(workshop: Workshop) -> None:
    workshop.spoil("submit", "server_error")
    job_id = workshop.start()
    assert workshop.settled(job_id).status == "completed"
    assert workshop.submissions(job_id) == [f"{job_id}-1"]
    assert workshop.spent() == 30


@pytest.mark.parametrize("fault", ["drop_reply", "gateway_timeout"])
def test_a_lost_create_reply_is_not_billed_twice(workshop: Workshop, fault: str) -> None:
    workshop.spoil("submit", fault)
    job_id = workshop.start()
    assert workshop.settled(job_id).status == "completed"
    assert workshop.submissions(job_id) == [f"{job_id}-1"]
    assert workshop.posts(job_id) == 1
    assert workshop.spent() == 30


@pytest.mark.parametrize(
    ("operation", "fault", "code"),
    first(
        2,
        [
            ("submit", "quota", "provider_quota"),
            ("poll", "content_policy", "content_policy"),
            ("submit", "auth", "provider_auth"),
            ("submit", "content_policy", "content_policy"),
            ("submit", "invalid_input", "provider_invalid_input"),
        ],
    ),
)
def test_permanent_refusals_cost_nothing(
    workshop: Workshop, operation: str, fault: str, code: str
) -> None:
    workshop.spoil(operation, fault)
    job = workshop.settled(workshop.start())
    assert (job.status, job.error_code) == ("failed", code)
    assert workshop.spent() == 0


def test_a_vendor_without_money_falls_back_if_allowed(workshop: Workshop) -> None:
    workshop.spoil("submit", "quota")
    job = workshop.settled(workshop.start(allow_builtin_fallback=True))
    assert (job.status, job.model) == ("completed", "showreel/camera-motion")
    assert job.fallback_used
    assert workshop.spent() == 1


def test_a_gone_model_is_replaced(workshop: Workshop) -> None:
    workshop.spoil("submit", "model_gone")
    job = workshop.settled(workshop.start())
    assert (job.status, job.model, job.requested_model) == (
        "completed",
        "kling-v3.0",
        "kling-v2.6-pro",
    )
    assert workshop.spent() == 20


def test_a_failed_task_is_tried_again(workshop: Workshop) -> None:
    workshop.spoil("submit", "failed")
    job_id = workshop.start()
    assert workshop.settled(job_id).status == "completed"
    assert workshop.submissions(job_id) == [f"{job_id}-1", f"{job_id}-2"]
    assert workshop.spent() == 30


@pytest.mark.parametrize("fault", first(2, ["truncated", "html", "corrupt", "empty"]))
def test_a_bad_file_never_gets_through(workshop: Workshop, fault: str) -> None:
    workshop.spoil("result", fault)
    job = workshop.settled(workshop.start())
    assert (job.status, job.attempt.number) == ("completed", 2)
    assert workshop.spent() == 30


@pytest.mark.parametrize("fault", first(1, ["other_size", "silent", "variable_rate"]))
def test_an_unusual_file_is_for_the_film_to_mend(workshop: Workshop, fault: str) -> None:
    workshop.spoil("result", fault)
    job = workshop.settled(workshop.start())
    assert (job.status, job.attempt.number) == ("completed", 1)


def test_a_hang_ends_at_the_deadline(workshop: Workshop) -> None:
    workshop.spoil("poll", "hang")
    job_id = workshop.start(deadline_at_seconds=now_seconds() + 5)
    job = workshop.settled(job_id)
    assert (job.status, job.error_code) == ("failed", "provider_timeout")
    assert workshop.spent() == 0


def test_a_late_success_is_delivered_or_nothing_is_taken(workshop: Workshop) -> None:
    workshop.spoil("submit", "late_success", delay_seconds=4)
    late = workshop.settled(workshop.start(deadline_at_seconds=now_seconds() + 30))
    assert late.status == "completed"
    workshop.spoil("submit", "late_success", delay_seconds=6)
    too_late = workshop.settled(workshop.start(deadline_at_seconds=now_seconds() + 3))
    assert too_late.status == "failed"
    assert workshop.spent() == 30


@pytest.mark.parametrize("action", ["kill", "drop_reply", "error"])
def test_a_fault_at_the_money_costs_once(workshop: Workshop, action: str) -> None:
    workshop.break_call(
        service="dynamodb",
        operation="TransactWriteItems",
        function="generation_collect",
        nth=1,
        action=action,
    )
    check_killed(workshop)


def check_killed(workshop: Workshop, seconds: float = 60, *, is_piece: bool = True) -> None:
    """A film's piece, which waits in the state that submitted it, or a job by itself."""
    job_id = workshop.start(parent_token="gone" if is_piece else None)
    job = workshop.settled(job_id, seconds)
    assert workshop.broken_calls() == 1
    assert job.status == "completed"
    assert workshop.submissions(job_id) == [f"{job_id}-1"]
    assert workshop.output_exists(job)
    assert workshop.spent() == 30


class TestCancel:
    def test_while_the_vendor_works(self, workshop: Workshop) -> None:
        workshop.spoil("submit", "slow", delay_seconds=30)
        job_id = workshop.start()
        eventually(lambda: workshop.job(job_id).prediction_id)
        canceled = service.cancel_job(job_id, workshop.function_arn)
        assert canceled is not None
        assert canceled.status == "canceled"
        again = service.cancel_job(job_id, workshop.function_arn)
        assert again is not None
        assert (again.status, again.finished_at) == ("canceled", canceled.finished_at)
        assert workshop.spent() == 0

    def test_at_once(self, workshop: Workshop) -> None:
        job_id = workshop.start()
        service.cancel_job(job_id, workshop.function_arn)
        time.sleep(1)
        assert workshop.job(job_id).status == "canceled"
        assert workshop.spent() == 0
        workshop.check_money()


class TestWebhookEndpoint:
    def test_urls_and_webhooks_that_nobody_signed_are_refused(self, workshop: Workshop) -> None:
        workshop.spoil("submit", "slow", delay_seconds=30)
        job_id = workshop.start()
        eventually(lambda: workshop.job(job_id).await_token)
        body = json.dumps({"task_status": "succeed"}).encode()
        headers = {"content-type": "application/json", "webhook-id": "x", "webhook-timestamp": "1"}
        headers["webhook-signature"] = "v1,AAAA"
        (given,) = {create["callback_url"] for create in workshop.creates(job_id)}
        for url in (given, given.partition("&signature=")[0]):
            status, answer = call("POST", url, body, headers)
            assert (status, answer["code"]) == (401, "unauthenticated")
        assert workshop.job(job_id).attempt.hinted_at is None
        service.cancel_job(job_id, workshop.function_arn)

    def test_no_vendor_that_we_gave_no_url_is_heard(self, workshop: Workshop) -> None:
        status, answer = call("POST", f"{workshop.stack.base_url}/webhooks/nobody", b"not json")
        assert (status, answer["code"]) == (401, "unauthenticated")
