"""Notifications: signed as the vendor signs, repeated, lost, doubled, forged and late."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from local.simulators.signing import signature
from tests.simulators.conftest import WEBHOOK_SECRET, Customer
from tests.support.http import eventually


def submitted(customer: Customer) -> Any:
    return customer.submitted(callback_url=f"{customer.pictures.base_url}/hook")


def arrived(customer: Customer, count: int) -> Any:
    return eventually(
        lambda: (found := customer.pictures.statuses()) and len(found) >= count and found
    )


def is_genuine(headers: dict[str, str], body: bytes) -> bool:
    key = base64.b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()
    fresh = abs(int(headers["webhook-timestamp"]) - time.time()) < 300
    return fresh and headers["webhook-signature"] == f"v1,{expected}"


def test_the_vendors_own_example() -> None:
    body = (
        b'{"id":"1234567890","status":"succeeded","message":"",'
        b'"create_time":1781080778802,"update_time":1781080794151}'
    )
    found = signature(WEBHOOK_SECRET, "9876543210", 1781080794, body)
    assert found == "UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="


def test_every_change_is_sent_and_signed(customer: Customer) -> None:
    task_id = submitted(customer)
    assert sorted(arrived(customer, 2)) == ["processing", "succeed"]
    assert all(is_genuine(*message) for message in customer.pictures.received)
    bodies = [json.loads(body) for _, body in customer.pictures.received]
    final = next(body for body in bodies if body["task_status"] == "succeed")
    assert final == customer.poll(task_id)
    assert final["final_unit_deduction"] == "1.5"


def test_without_a_secret_nothing_is_signed(customer: Customer) -> None:
    secret = customer.config.secrets.pop("kling_webhook_secret")
    try:
        submitted(customer)
        arrived(customer, 2)
    finally:
        customer.config.secrets["kling_webhook_secret"] = secret
    assert all("webhook-signature" not in headers for headers, _ in customer.pictures.received)


def test_a_failure_is_sent_too(customer: Customer) -> None:
    customer.fault("submit", "failed")
    submitted(customer)
    assert sorted(arrived(customer, 2)) == ["failed", "processing"]


def test_a_message_that_is_not_taken_comes_again_under_its_id(customer: Customer) -> None:
    customer.pictures.answers.extend([503, 200, 500])
    submitted(customer)
    arrived(customer, 4)
    ids = [headers["webhook-id"] for headers, _ in customer.pictures.received]
    assert len(set(ids)) == 2
    attempts = customer.client.get("/_sim/webhooks").json()["webhooks"]
    assert {attempt["response_status"] for attempt in attempts} == {200, 500, 503}


def test_a_message_is_given_up_after_a_while(customer: Customer) -> None:
    customer.pictures.answers.extend([500] * 6)
    submitted(customer)
    arrived(customer, 6)
    time.sleep(0.2)
    assert len(customer.pictures.received) == 6


def test_a_lost_one(customer: Customer) -> None:
    customer.fault("webhook", "webhook_lost")
    customer.finished(submitted(customer))
    time.sleep(0.2)
    assert customer.pictures.statuses() == ["processing"]


def test_a_doubled_one(customer: Customer) -> None:
    customer.fault("webhook", "webhook_doubled")
    submitted(customer)
    arrived(customer, 3)
    final = [
        headers["webhook-id"]
        for headers, body in customer.pictures.received
        if b'"succeed"' in body
    ]
    assert len(final) == 2
    assert len(set(final)) == 1


def test_a_forged_one_comes_before_the_real_one(customer: Customer) -> None:
    customer.settings(generation_seconds=1)
    customer.fault("webhook", "webhook_forged")
    task_id = submitted(customer)
    arrived(customer, 3)
    forged = [
        json.loads(body)
        for headers, body in customer.pictures.received
        if not is_genuine(headers, body)
    ]
    (only,) = forged
    assert (only["task_id"], only["task_status"]) == (task_id, "succeed")
    assert only["task_result"]["videos"][0]["url"].startswith("https://forged.invalid/")


def test_a_late_one(customer: Customer) -> None:
    customer.fault("webhook", "webhook_late", delay_seconds=0.6)
    customer.finished(submitted(customer))
    ended = time.monotonic()
    assert customer.pictures.statuses() == ["processing"]
    arrived(customer, 2)
    assert time.monotonic() - ended > 0.4
