"""Single videos when things go wrong: nothing is paid twice, nothing is lost, each is reported."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.functions.videos.conftest import INTERIOR, NO_WAIT, SOCIAL, Buyer
from tests.support.http import eventually
from tests.support.samples import first

pytestmark = pytest.mark.stack
FUNCTION = "generate_interior_video_v2"


def keyed(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


def test_the_same_key_is_answered_the_same_byte_for_byte(buyer: Buyer) -> None:
    first = buyer.order(headers=keyed("k"))
    again = buyer.order(headers=keyed("k"))
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = buyer.order(headers=keyed("k"), prompt="Something else")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    elsewhere = buyer.order(SOCIAL, headers=keyed("k") | NO_WAIT, model=None)
    assert elsewhere.json()["job_id"] != first.json()["job_id"]
    for bad in ("", "x" * 256):
        answer = buyer.order(headers=keyed(bad))
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_key")


def test_an_answer_of_202_is_replayed_with_its_headers(buyer: Buyer) -> None:
    first = buyer.order(headers=keyed("k", Prefer="respond-async"))
    buyer.ended(first.json()["job_id"])
    again = buyer.order(headers=keyed("k"))
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert int(again.headers["retry-after"]) > 0


def test_the_same_key_at_once_makes_one_video(buyer: Buyer) -> None:
    body = buyer.body()
    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(lambda _: buyer.http.post(INTERIOR, json=body, headers=keyed("k")), range(5))
        )
    codes = {answer.status_code for answer in answers}
    assert codes <= {200, 409}
    assert 200 in codes
    assert len({answer.json()["job_id"] for answer in answers if answer.is_success}) == 1
    assert len(buyer.jobs()) == len(buyer.vendor_tasks()) == 1
    assert buyer.spent() == 20


def test_after_a_top_up_the_same_key_works(poor: Buyer) -> None:
    dear: dict[str, Any] = {"duration": 15, "image_url": poor.upload()}
    poor.made()
    refused = poor.order(headers=keyed("k"), **dear)
    assert (refused.status_code, refused.json()["required"]) == (402, 60)
    poor.stack.seeder.grant(poor.workspace_id, 20)
    made = poor.order(headers=keyed("k"), **dear)
    assert (made.status_code, made.json()["credits_used"]) == (200, 60)


@pytest.mark.parametrize("when", first(1, ["after", "before"]))
def test_a_killed_request_and_its_retry_meet_the_same_job(buyer: Buyer, when: str) -> None:
    """The process dies at the very write of the job and its hold, before or after it counts."""
    fault = {"service": "dynamodb", "operation": "TransactWriteItems", "function": FUNCTION}
    buyer.break_call(**fault, action="kill", when=when)
    dead = buyer.order(headers=keyed("k"))
    assert dead.status_code >= 500
    assert dead.json()["success"] is False

    def retried() -> httpx.Response | None:
        answer = buyer.order(headers=keyed("k"))
        return None if answer.status_code == 409 else answer

    made = eventually(retried).json()
    assert made["status"] == "completed"
    assert [job["id"] for job in buyer.jobs()] == [made["job_id"]]
    assert len(buyer.vendor_tasks()) == 1
    assert buyer.spent() == 20


def test_a_request_killed_while_it_waits_loses_nothing(buyer: Buyer) -> None:
    buyer.slow_down(1)
    with ThreadPoolExecutor(1) as pool:
        dead = pool.submit(buyer.order)
        eventually(buyer.vendor_tasks)
        buyer.kill(FUNCTION)
        assert dead.result().status_code >= 500
    job = eventually(buyer.jobs)[0]
    assert buyer.ended(job["id"])["status"] == "completed"
    assert buyer.spent() == 20


def test_a_start_that_fails_is_made_good(buyer: Buyer) -> None:
    fault = {"service": "states", "operation": "StartExecution", "function": FUNCTION}
    buyer.break_call(**fault, action="error", count=20, code="ServiceUnavailable", status=503)
    answer = buyer.order(headers=NO_WAIT)
    assert answer.status_code == 202
    row = buyer.row(answer.json()["job_id"])
    assert row["status"] == "queued"
    assert row["due_at"], "the reconciler will look at it"


def test_credits_for_three_make_three_of_ten(poor: Buyer) -> None:
    body, lowest, stop = poor.body(), list[int](), threading.Event()

    def watch() -> None:
        while not stop.wait(0.2):
            account = poor.account()
            lowest.append(min(account["available"], account["balance"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: poor.http.post(INTERIOR, json=body, headers=NO_WAIT), range(10))
        )
    codes = [answer.status_code for answer in answers]
    for answer in answers:
        if answer.is_success:
            assert poor.ended(answer.json()["job_id"])["status"] == "completed"
    stop.set()
    watcher.join()
    assert (codes.count(202), codes.count(402)) == (3, 7)
    assert len(poor.jobs()) == len(poor.vendor_tasks()) == 3
    assert poor.spent() == 60
    assert min(lowest) == 0


def test_what_a_vendor_accepted_and_then_failed_stays_paid(buyer: Buyer) -> None:
    buyer.spoil("submit", "failed")
    answer = buyer.order(headers=keyed("k"))
    told = answer.json()
    assert answer.status_code == 502
    assert told["code"] == "provider_upstream"
    assert (told["success"], told["status"], told["credits_used"]) == (False, "failed", 20)
    shown = buyer.poll(told["job_id"])
    assert (shown["success"], shown["status"], shown["credits_used"]) == (False, "failed", 20)
    assert (shown["code"], shown["error"]) == (told["code"], told["error"])
    assert "video_url" not in shown
    again = buyer.order(headers=keyed("k"))
    assert (again.status_code, again.json()["job_id"]) == (502, told["job_id"])
    assert len(buyer.vendor_tasks()) == 1
    assert buyer.spent() == 20


def test_what_no_vendor_accepted_costs_nothing_and_may_be_tried_again(buyer: Buyer) -> None:
    buyer.spoil("submit", "content_policy")
    answer = buyer.order(headers=keyed("k"))
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "content_policy")
    assert (told["status"], told["credits_used"]) == ("failed", 0)
    assert buyer.spent() == 0
    made = buyer.order(headers=keyed("k")).json()
    assert made["status"] == "completed"
    assert made["job_id"] != told["job_id"]
    assert buyer.spent() == 20


def test_an_operator_may_give_back_what_failed_after_its_acceptance(kept: Buyer) -> None:
    kept.spoil("submit", "failed")
    told = kept.order(headers=NO_WAIT).json()
    shown = kept.ended(told["job_id"])
    assert (shown["status"], shown["credits_used"]) == ("failed", 0)
    assert kept.spent() == 0


def test_a_cancel_ends_the_call_that_waits(buyer: Buyer) -> None:
    buyer.slow_down(60)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(buyer.order)
        job = eventually(buyer.jobs)[0]
        buyer.json("POST", f"/api/jobs/{job['id']}/cancel")
        answer = waiting.result()
    assert (answer.status_code, answer.json()["code"]) == (409, "canceled")
    shown = buyer.poll(job["id"])
    assert (shown["success"], shown["status"], shown["code"]) == (False, "failed", "canceled")
    assert shown["credits_used"] == buyer.spent()


def test_an_order_that_lost_its_credits_leaves_no_picture(poor: Buyer) -> None:
    """Another call takes the credits between the early look and the hold."""
    before = poor.pictures()
    fault: dict[str, Any] = {"service": "dynamodb", "operation": "TransactWriteItems"}
    poor.break_call(**fault, function=FUNCTION, action="delay", delay_seconds=5)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(poor.order, duration=15)
        eventually(poor.broken_calls)
        other = poor.order(SOCIAL, headers=NO_WAIT, model=None).json()
        answer = slow.result()
    assert (answer.status_code, answer.json()["code"]) == (402, "insufficient_credits")
    assert (answer.json()["required"], answer.json()["available"]) == (60, 45)
    assert poor.pictures() - before == {poor.row(other["job_id"])["wanted"]["image_key"]["S"]}
    poor.ended(other["job_id"])
