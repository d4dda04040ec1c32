"""The product's own Replicate adapter against the simulator: both speak the same protocol."""

import time
from typing import Any

import httpx
import pytest
from replicate.webhook import Webhooks, WebhookSigningSecret

from showreel.core.errors import (
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.core.standard_webhooks import verify
from showreel.providers.base import (
    Failed,
    InputPicture,
    Lookup,
    Pending,
    PollResult,
    SubmitRequest,
    SubmitUnknown,
    Succeeded,
    VendorTask,
)
from showreel.providers.replicate.predictions import Replicate
from showreel.providers.replicate.webhooks import read_notice
from showreel.providers.webhooks import Notice, body_object
from tests.simulators.conftest import REPLICATE_TOKEN, REPLICATE_WEBHOOK_SECRET, Customer
from tests.support.http import eventually

WAN = "wavespeedai/wan-2.1-i2v-720p"
GEN4 = "runwayml/gen4-turbo"
KLING3 = "kwaivgi/kling-v3-video"
GEN4_VERSION = "eb9e9b16bcc7d83db9451bcfc5a1dd061cfe466929e069815918ee937fcd32cc"


def adapter(customer: Customer, token: str = REPLICATE_TOKEN) -> Replicate:
    return Replicate(f"{customer.config.base_url}/_p/process-3/replicate", token)


def picture(url: str) -> InputPicture:
    return InputPicture(f"{url}?X-Amz-Signature=abc", lambda: b"")


def request(customer: Customer, **changes: Any) -> SubmitRequest:
    usual = {
        "external_id": "job-1-attempt-1",
        "upstream": GEN4,
        "parameters": {"seed": 7},
        "prompt": "Slow zoom in",
        "duration_seconds": 5,
        "image": picture(customer.picture_url),
        "aspect_ratio": "16:9",
    }
    return SubmitRequest(**{**usual, **changes})


def lookup(order: SubmitRequest, **changes: Any) -> Lookup:
    known = {
        "external_id": order.external_id,
        "sent_at_seconds": int(time.time()),
        "upstream": order.upstream,
        "prompt": order.prompt,
        "image_path": order.image.path if order.image else None,
    }
    return Lookup(**{**known, **changes})


def order_fault(customer: Customer, operation: str, fault: str, **more: Any) -> None:
    body = {"provider": "replicate", "operation": operation, "fault": fault, **more}
    assert customer.client.post("/_sim/faults", json=body).status_code == 201


def verdict(replicate: Replicate, task: VendorTask) -> PollResult:
    def look() -> PollResult | None:
        found = replicate.poll(task)
        return None if isinstance(found, Pending) else found

    found: PollResult = eventually(look)
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"upstream": WAN, "parameters": {"fast_mode": "Balanced"}, "aspect_ratio": "9:16"},
        {"upstream": f"{GEN4}:{GEN4_VERSION}"},
        {"upstream": KLING3, "resolution": "720p", "duration_seconds": 3, "native_audio": True},
        {"upstream": KLING3, "resolution": "720p", "duration_seconds": 3, "image": None},
        {"upstream": "kwaivgi/kling-v1.6-pro", "parameters": {"cfg_scale": 0.7}},
    ],
)
def test_a_job_from_submission_to_result(customer: Customer, changes: dict[str, Any]) -> None:
    replicate = adapter(customer)
    task = replicate.submit(request(customer, **changes))
    result = verdict(replicate, task)
    assert isinstance(result, Succeeded)
    assert httpx.get(result.urls[0]).content[4:8] == b"ftyp"
    assert (customer.tasks()[0]["caller"], customer.tasks()[0]["task_id"]) == (
        "process-3",
        task.task_id,
    )


def test_two_pictures_reach_the_model_that_takes_them(customer: Customer) -> None:
    end = picture(f"{customer.pictures.base_url}/hall.jpg")
    order = request(customer, upstream=KLING3, end_image=end)
    adapter(customer).submit(order)
    given = customer.tasks()[0]["inputs"]
    assert order.image is not None
    assert (given["start_image"], given["end_image"]) == (order.image.url, end.url)


@pytest.mark.parametrize("fault", ["drop_reply", "gateway_timeout"])
def test_a_lost_answer_is_found_among_the_predictions(customer: Customer, fault: str) -> None:
    replicate, order = adapter(customer), request(customer)
    assert replicate.find(lookup(order)) is None
    replicate.submit(request(customer, prompt="Another view"))
    order_fault(customer, "submit", fault)
    with pytest.raises(SubmitUnknown):
        replicate.submit(order)
    replicate.submit(request(customer, image=picture(f"{customer.pictures.base_url}/hall.jpg")))
    replicate.submit(request(customer, upstream=KLING3))
    lost = customer.tasks()[1]["task_id"]
    assert replicate.find(lookup(order)) == VendorTask(lost, "/v1/predictions")
    assert isinstance(verdict(replicate, VendorTask(lost, "/v1/predictions")), Succeeded)
    assert len(customer.tasks()) == 4


def test_an_earlier_job_with_the_same_picture_is_not_taken_for_it(customer: Customer) -> None:
    replicate, order = adapter(customer), request(customer)
    replicate.submit(order)
    later = int(time.time()) + 61
    assert replicate.find(lookup(order, sent_at_seconds=later)) is None
    assert replicate.find(lookup(order, sent_at_seconds=later - 300)) is None


def test_of_two_alike_the_first_after_the_create_is_taken(customer: Customer) -> None:
    replicate, order = adapter(customer), request(customer)
    first = replicate.submit(order)
    time.sleep(1.1)
    order_fault(customer, "submit", "drop_reply")
    sent_at = int(time.time())
    with pytest.raises(SubmitUnknown):
        replicate.submit(order)
    found = replicate.find(lookup(order, sent_at_seconds=sent_at))
    assert found is not None
    assert found.task_id != first.task_id


def test_a_job_on_a_later_page_is_found(customer: Customer) -> None:
    replicate, order = adapter(customer), request(customer, upstream="kwaivgi/kling-v1.6-pro")
    task = replicate.submit(order)
    for _ in range(100):
        replicate.submit(request(customer, upstream="kwaivgi/kling-v1.6-pro", image=None))
    assert replicate.find(lookup(order)) == task


def test_the_task_that_a_webhook_reported_is_looked_up_first(customer: Customer) -> None:
    replicate, order = adapter(customer), request(customer)
    told, other = replicate.submit(order), replicate.submit(request(customer, prompt="Other"))
    assert replicate.find(lookup(order, reported_task_id=told.task_id)) == told
    paths = [entry["path"] for entry in customer.client.get("/_sim/requests").json()["requests"]]
    assert not any(path.endswith("/v1/predictions") for path in paths[2:])
    for wrong in [other.task_id, "0" * 26, "../models"]:
        assert replicate.find(lookup(order, reported_task_id=wrong)) == told


def test_deleted_predictions_are_not_believed(customer: Customer) -> None:
    replicate, order = adapter(customer), request(customer)
    task = replicate.submit(order)
    verdict(replicate, task)
    customer.settings(retention_seconds=0)
    assert replicate.find(lookup(order, reported_task_id=task.task_id)) is None
    gone = replicate.poll(task)
    assert isinstance(gone, Failed)
    assert type(gone.error) is ProviderUpstream


def test_what_is_over_or_unknown_is_not_canceled(customer: Customer) -> None:
    replicate = adapter(customer)
    task = replicate.submit(request(customer))
    verdict(replicate, task)
    assert replicate.cancel(task) is False
    assert replicate.cancel(VendorTask("0" * 26, "/v1/predictions")) is False


def test_an_aborted_job_has_failed(customer: Customer) -> None:
    customer.settings(generation_seconds=60)
    headers = {"Authorization": f"Bearer {REPLICATE_TOKEN}", "Cancel-After": "0.05s"}
    body = {"input": {"prompt": "p", "image": customer.picture_url}}
    url = f"/replicate/v1/models/{GEN4}/predictions"
    task_id = customer.client.post(url, json=body, headers=headers).json()["id"]
    aborted = verdict(adapter(customer), VendorTask(task_id, "/v1/predictions"))
    assert isinstance(aborted, Failed)
    assert aborted.error.retryable


def test_throttling_says_how_long_to_wait(customer: Customer) -> None:
    waits = []
    for more in [{}, {"retry_after": 7}]:
        order_fault(customer, "submit", "rate_limited", **more)
        with pytest.raises(ProviderRateLimited) as refused:
            adapter(customer).submit(request(customer))
        waits.append(refused.value.retry_after_seconds)
    assert waits == [2.0, 7.0]


@pytest.mark.parametrize(
    "changes",
    [{"upstream": f"{GEN4}:{'0' * 64}"}, {"upstream": "nobody/nothing"}, {"upstream": "no name"}],
)
def test_a_model_that_is_not_there_is_gone(customer: Customer, changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderModelGone):
        adapter(customer).submit(request(customer, **changes))


def test_a_picture_that_cannot_be_fetched_is_bad_input(customer: Customer) -> None:
    replicate = adapter(customer)
    missing = picture(f"{customer.pictures.base_url}/missing.jpg")
    result = verdict(replicate, replicate.submit(request(customer, image=missing)))
    assert isinstance(result, Failed)
    assert type(result.error) is ProviderInvalidInput


def test_webhooks_pass_both_verifiers(customer: Customer) -> None:
    hook = f"{customer.pictures.base_url}/hook"
    task = adapter(customer).submit(request(customer, callback_url=hook))
    eventually(lambda: customer.pictures.received)
    ((headers, body),) = customer.pictures.received
    assert verify(headers, body, REPLICATE_WEBHOOK_SECRET, now_seconds=int(time.time()))
    secret = WebhookSigningSecret(key=REPLICATE_WEBHOOK_SECRET)
    Webhooks.validate(headers=headers, body=body.decode(), secret=secret, tolerance=300)
    notice = read_notice(body_object(body))
    assert notice == Notice(external_id=None, is_final=True, task_id=task.task_id)
