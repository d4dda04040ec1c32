"""The product's own Kling adapters against the simulator: both speak the same protocols."""

import time

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.providers.base import (
    Failed,
    Lookup,
    Picture,
    PollResult,
    SubmitRequest,
    SubmitUnknown,
    Succeeded,
    Task,
)
from showreel.providers.kling.videos import Keys, Kling
from showreel.providers.webhooks import read_notice, verify
from tests.simulators.conftest import ACCESS_KEY, API_KEY, SECRET_KEY, WEBHOOK_SECRET, Customer
from tests.support.http import eventually

SIGNING = Keys(access_key=ACCESS_KEY, secret_key=SECRET_KEY)
LOOKUP = Lookup("job-1-attempt-1", sent_at_seconds=1_780_000_000, image_path="/room.jpg")


def adapter(customer: Customer, keys: Keys = SIGNING) -> Kling:
    return Kling(f"{customer.config.base_url}/_p/process-3/kling", keys)


def request(customer: Customer, **changes: object) -> SubmitRequest:
    usual: dict[str, object] = {
        "external_id": "job-1-attempt-1",
        "upstream": "kling-v2-6",
        "parameters": {"mode": "pro"},
        "prompt": "Slow zoom in",
        "duration_seconds": 5,
        "image": Picture(customer.picture_url, bytes),
    }
    return SubmitRequest(**{**usual, **changes})  # type: ignore[arg-type]


def verdict(kling: Kling, task: Task) -> PollResult:
    def look() -> PollResult | None:
        found = kling.poll(task)
        return found if isinstance(found, Succeeded | Failed) else None

    found: PollResult = eventually(look, 60)
    return found


@pytest.mark.parametrize("keys", [SIGNING, Keys(api_key=API_KEY)])
def test_a_job_from_submission_to_result(customer: Customer, keys: Keys) -> None:
    kling = adapter(customer, keys)
    hook = f"{customer.pictures.base_url}/hook"
    tail = f"{customer.pictures.base_url}/hall.jpg"
    order = request(customer, end_image=Picture(tail, bytes), native_audio=True, callback_url=hook)
    task = kling.submit(order)
    result = verdict(kling, task)
    assert isinstance(result, Succeeded)
    assert customer.client.get(result.urls[0]).content[4:8] == b"ftyp"
    assert customer.tasks()[0]["caller"] == "process-3"


def test_a_job_from_words_alone(customer: Customer) -> None:
    kling = adapter(customer)
    short = {"upstream": "kling-v3", "duration_seconds": 3}
    order = request(customer, image=None, aspect_ratio="9:16", **short)
    assert isinstance(verdict(kling, kling.submit(order)), Succeeded)


@pytest.mark.parametrize("fault", ["drop_reply", "gateway_timeout"])
def test_a_lost_answer_is_found_by_our_own_id(customer: Customer, fault: str) -> None:
    kling = adapter(customer)
    assert kling.find(LOOKUP) is None
    customer.fault("submit", fault)
    with pytest.raises(SubmitUnknown):
        kling.submit(request(customer))
    task = kling.find(LOOKUP)
    assert task is not None
    assert isinstance(verdict(kling, task), Succeeded)
    with pytest.raises(ProviderInvalidInput):
        kling.submit(request(customer))
    assert len(customer.tasks()) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate_limited", ProviderRateLimited),
        ("server_error", ProviderUpstream),
        ("auth", ProviderAuth),
        ("quota", ProviderQuota),
        ("invalid_input", ProviderInvalidInput),
        ("content_policy", ProviderContentPolicy),
        ("model_gone", ProviderModelGone),
    ],
)
def test_each_refusal_has_its_class(
    customer: Customer, fault: str, error: type[ProviderError]
) -> None:
    customer.fault("submit", fault)
    with pytest.raises(error):
        adapter(customer).submit(request(customer))


@pytest.mark.parametrize(
    ("fault", "error"), [("failed", ProviderUpstream), ("content_policy", ProviderContentPolicy)]
)
def test_each_failure_has_its_class(
    customer: Customer, fault: str, error: type[ProviderError]
) -> None:
    kling = adapter(customer)
    customer.fault("poll", fault)
    result = verdict(kling, kling.submit(request(customer)))
    assert isinstance(result, Failed)
    assert type(result.error) is error


def test_webhooks_pass_the_verifier(customer: Customer) -> None:
    hook = f"{customer.pictures.base_url}/hook"
    adapter(customer).submit(request(customer, callback_url=hook))
    eventually(lambda: len(customer.pictures.received) == 2)
    notices = []
    for headers, body in customer.pictures.received:
        assert verify(headers, body, WEBHOOK_SECRET, now_seconds=int(time.time()))
        notices.append(read_notice("kling", body))
    assert {notice.external_id for notice in notices} == {"job-1-attempt-1"}
    assert sorted(notice.is_final for notice in notices) == [False, True]
