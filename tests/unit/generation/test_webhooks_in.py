"""A webhook wakes the job whose callback URL was called, whoever signed it."""

import json
import math
from urllib.parse import parse_qsl, urlsplit

import pytest

from showreel.core import secrets
from showreel.core.errors import Unauthenticated
from showreel.generation import webhooks_in
from showreel.generation.callbacks import called_attempt
from showreel.generation.engine import Engine
from showreel.generation.service import create_job
from showreel.generation.steps.submit import submit
from showreel.generation.webhooks_in import on_webhook, receive
from showreel.providers.webhooks import Notice, Webhook
from tests.unit.generation.conftest import ENVIRONMENT
from tests.unit.generation.support import FakeVendor, request

SIGNED = Webhook("webhook-1", Notice(external_id=None, is_final=True, task_id="task-of-another"))
"""What fal signs about a request of another customer's."""


@pytest.fixture
def signed_by_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks_in, "read_webhook", lambda *_: SIGNED)


def ordered(engine: Engine, vendor: FakeVendor, job_id: str = "job") -> dict[str, str]:
    """The query of the callback URL that the vendor was given for a job."""
    create_job(engine, request(job_id))
    submit(engine, job_id)
    return dict(parse_qsl(urlsplit(vendor.requests[-1].callback_url or "").query))


@pytest.mark.usefixtures("signed_by_vendor")
def test_what_a_vendor_signed_is_not_heard_without_the_url_that_it_was_given(
    engine: Engine, vendor: FakeVendor
) -> None:
    vendor.submit_script.append("lost")
    vendor.recovery = "look_up"
    query = ordered(engine, vendor)
    other = ordered(engine, vendor, "other")
    for forged in (
        {},
        {"job": "job"},
        {"attempt": "job-1"},
        {"attempt": "job-1", "signature": "é"},
        {"attempt": "job-2", "signature": query["signature"]},
        {"attempt": "job-1", "signature": other["signature"]},
        {"attempt": "j" * 200, "signature": query["signature"]},
    ):
        with pytest.raises(Unauthenticated):
            receive(engine.jobs, "kling", {}, b"{}", forged)
    with pytest.raises(Unauthenticated):
        receive(engine.jobs, "fal", {}, b"{}", query)
    attempt = engine.jobs.get("job").attempt
    assert (attempt.reported_task_id, attempt.hinted_at) == (None, None)


@pytest.mark.usefixtures("signed_by_vendor")
def test_nothing_is_read_before_the_url_is_known_as_ours(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> Webhook:
        raise AssertionError

    monkeypatch.setattr(webhooks_in, "read_webhook", read)
    with pytest.raises(Unauthenticated):
        receive(engine.jobs, "kling", {}, b"{}", {"attempt": "job-1", "signature": "x"})


@pytest.mark.usefixtures("signed_by_vendor")
def test_a_known_task_is_never_another_one(engine: Engine, vendor: FakeVendor) -> None:
    query = ordered(engine, vendor)
    assert not receive(engine.jobs, "kling", {}, b"{}", query)
    job = engine.jobs.get("job")
    assert job.prediction_id == "task-1"
    assert (job.attempt.reported_task_id, job.attempt.hinted_at) == (None, None)


def test_the_first_task_that_is_reported_stays(engine: Engine, vendor: FakeVendor) -> None:
    vendor.submit_script.append("lost")
    vendor.recovery = "look_up"
    ordered(engine, vendor)
    assert on_webhook(engine.jobs, "job-1", Webhook("1", Notice(None, True, "first")))
    on_webhook(engine.jobs, "job-1", Webhook("2", Notice(None, True, "second")))
    assert engine.jobs.get("job").attempt.reported_task_id == "first"


def test_a_webhook_about_another_attempt_wakes_nothing(engine: Engine, vendor: FakeVendor) -> None:
    ordered(engine, vendor)
    engine.jobs.begin_wait("job", "token")
    other = Webhook("1", Notice("job-2", True))
    assert not on_webhook(engine.jobs, "job-1", other)
    assert not on_webhook(engine.jobs, "job-2", Webhook("2", Notice(None, True)))
    assert on_webhook(engine.jobs, "job-1", Webhook("3", Notice("job-1", True, "task-1")))
    assert not on_webhook(engine.jobs, "job-2", Webhook("3", Notice(None, True)))


def test_urls_given_before_the_key_was_changed_are_ours(
    engine: Engine, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    query, arn = ordered(engine, vendor), ENVIRONMENT["RUN_TOKEN_SECRET_ARN"]

    def put(**held: str) -> None:
        monkeypatch.setitem(secrets._kept, arn, (math.inf, json.dumps(held)))

    put(run_token_key="new", previous_run_token_key="run-key")
    assert called_attempt("kling", query) == "job-1"
    later = ordered(engine, vendor, "later")
    put(run_token_key="new")
    assert called_attempt("kling", later) == "later-1"
    with pytest.raises(Unauthenticated):
        called_attempt("kling", query)
