"""Texts when things go wrong: what came is paid, what didn't is not, and all of it is reported."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.functions.routed.text_reader import (
    GEMINI,
    GROQ,
    PRO,
    answered,
    ask,
    opened,
    refused,
    story,
    vendors,
)
from tests.functions.videos.conftest import Buyer, newcomer
from tests.support.http import eventually
from tests.support.samples import first

pytestmark = pytest.mark.stack
BOTH = pytest.mark.parametrize("path", [GEMINI, GROQ])
VENDORS = {GEMINI: "google", GROQ: "groq"}
PRICES = {GEMINI: 2, GROQ: 1}
"""Of a whole text by the usual model."""
SLOW = 0.03
"""Seconds per word: slow enough to look on while words are still to come."""
SLOWER = 0.08
"""Slow enough for a wish that is looked for once a second."""


@pytest.fixture
def buyer(stack: Stack) -> Iterator[Buyer]:
    for one in newcomer(stack):
        vendors(one, text_delay_seconds=0)
        yield one


@pytest.fixture
def poor(stack: Stack) -> Iterator[Buyer]:
    """Somebody with three credits."""
    for one in newcomer(stack, 3):
        vendors(one, text_delay_seconds=0)
        yield one


def fault(buyer: Buyer, path: str, kind: str, **more: Any) -> None:
    buyer.spoil("submit", kind, VENDORS[path], **more)


def only_job(buyer: Buyer) -> dict[str, Any]:
    (job,) = buyer.jobs()
    return dict(job)


@BOTH
def test_who_stops_a_text_closes_the_vendors_call_and_pays_what_came(
    buyer: Buyer, path: str
) -> None:
    vendors(buyer, text_delay_seconds=SLOWER)
    order = {"model": PRO} if path == GEMINI else {}
    with opened(buyer, path, "k", **order) as (_, events):
        first = json.loads(next(events))
        seen = first["choices"][0]["delta"]["content"]
        account = buyer.account()
        assert account["balance"] - account["available"] == {GEMINI: 6, GROQ: 1}[path]
        asked = buyer.json("POST", f"/api/jobs/{first['job_id']}/cancel")
        assert (asked["cancelRequested"], asked["finishedAt"]) == (True, None)
        last = json.loads(list(events)[-1])
    assert (last["error"]["code"], last["credits"]) == ("canceled", 1)
    job = only_job(buyer)
    assert (job["status"], job["errorCode"]) == ("canceled", "canceled")
    assert buyer.spent() == 1
    (task,) = buyer.vendor_tasks()
    assert (task["state"], task["message"]) == ("canceled", "closed by the customer")

    again = story(buyer, path, "k", **order)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.text.startswith(seen)
    assert not again.is_done
    assert again.last["error"]["code"] == "canceled"
    whole = ask(buyer, path, "k", **order)
    assert (whole.status_code, whole.json()["credits_used"]) == (409, 1)
    assert buyer.spent() == 1


def test_a_text_whose_reader_left_is_finished_paid_whole_and_kept(buyer: Buyer) -> None:
    vendors(buyer, text_delay_seconds=SLOW)
    with opened(buyer, GEMINI, "k", model=PRO) as (_, events):
        next(events)
    job = eventually(lambda: found if (found := only_job(buyer))["finishedAt"] else None)
    assert (job["status"], job["errorCode"]) == ("completed", None)
    (task,) = buyer.vendor_tasks()
    assert task["state"] == "succeeded"
    assert story(buyer, GEMINI, "k", model=PRO).is_done
    assert buyer.spent() == 6


REFUSALS = first(
    2,
    [
        ("server_error", 502, "provider_upstream"),
        ("content_policy", 400, "content_policy"),
        ("auth", 502, "provider_auth"),
        ("quota", 502, "provider_quota"),
        ("invalid_input", 400, "provider_invalid_input"),
    ],
)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("kind", "status", "code"), REFUSALS)
def test_a_vendors_refusal_is_an_ordinary_error_and_costs_nothing(
    buyer: Buyer, kind: str, status: int, code: str, stream: bool
) -> None:
    fault(buyer, GROQ, kind)
    answer = ask(buyer, GROQ, "k", stream=stream)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["success"] is False
    assert answer.json()["credits_used"] == 0
    assert "groq" not in answer.text.lower()
    assert buyer.spent() == 0
    assert only_job(buyer)["status"] == "failed"
    assert ask(buyer, GROQ, "k").status_code == 200, "the same key may try again"
    assert len(buyer.vendor_orders()) == 2
    assert buyer.spent() == 1


def test_a_vendor_that_is_busy_for_a_moment_is_asked_again(buyer: Buyer) -> None:
    fault(buyer, GROQ, "rate_limited")
    assert answered(buyer, GROQ)["credits"] == 1 == buyer.spent()
    assert len(buyer.vendor_orders()) == 2


@BOTH
def test_a_vendor_that_stays_busy_is_a_502_of_ours(buyer: Buyer, path: str) -> None:
    fault(buyer, path, "rate_limited", retry_after=60)
    assert refused(buyer, path) == (502, "provider_rate_limited")
    assert len(buyer.vendor_orders()) == 1, "nobody waits for a minute"
    assert buyer.spent() == 0


@pytest.mark.parametrize("kind", ["drop_reply", "failed"])
@BOTH
def test_a_break_after_the_first_words_is_reported_in_the_stream(
    buyer: Buyer, path: str, kind: str
) -> None:
    fault(buyer, path, kind)
    broken = story(buyer, path, "k")
    assert broken.text
    assert not broken.is_done
    assert broken.last["error"]["code"] == "provider_upstream"
    assert broken.last["credits"] == 1 == buyer.spent()
    assert broken.last["job_id"] == only_job(buyer)["id"]
    assert only_job(buyer)["status"] == "failed"
    again = story(buyer, path, "k")
    assert (again.text, again.last) == (broken.text, broken.last)
    assert buyer.spent() == 1


@BOTH
def test_a_whole_answer_that_breaks_off_costs_nothing(buyer: Buyer, path: str) -> None:
    fault(buyer, path, "drop_reply")
    assert refused(buyer, path) == (502, "provider_upstream")
    assert buyer.spent() == 0


@BOTH
def test_the_same_key_is_answered_the_same_byte_for_byte(buyer: Buyer, path: str) -> None:
    first, again = ask(buyer, path, "k"), ask(buyer, path, "k")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    streamed = story(buyer, path, "k")
    assert streamed.is_done
    assert streamed.headers["idempotent-replayed"] == "true"
    assert json.dumps(streamed.text)[1:-1] in first.text
    assert streamed.last["credits"] == PRICES[path]
    other = ask(buyer, path, "k", prompt="Something else")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    elsewhere = GROQ if path == GEMINI else GEMINI
    assert ask(buyer, elsewhere, "k").json()["job_id"] != first.json()["job_id"]
    assert len(buyer.vendor_orders()) == 2
    assert buyer.spent() == sum(PRICES.values())


@BOTH
def test_a_stream_is_replayed_from_its_beginning(buyer: Buyer, path: str) -> None:
    first = story(buyer, path, requestId="r-1")
    again = story(buyer, path, "r-1")
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert (again.text, again.last) == (first.text, first.last)
    assert again.chunks[0]["id"] == first.chunks[0]["id"]
    assert buyer.spent() == PRICES[path]


def test_another_tenants_key_is_another_key(buyer: Buyer, poor: Buyer) -> None:
    first, other = ask(buyer, GROQ, "k"), ask(poor, GROQ, "k")
    assert other.json()["job_id"] != first.json()["job_id"]
    assert poor.spent() == 1


def test_a_key_in_flight_is_a_conflict(buyer: Buyer) -> None:
    vendors(buyer, text_delay_seconds=SLOW)
    with opened(buyer, GROQ, "k") as (_, events):
        next(events)
        answer = ask(buyer, GROQ, "k")
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_in_flight")
        list(events)
    assert ask(buyer, GROQ, "k").status_code == 200
    assert buyer.spent() == 1


def test_the_same_key_at_once_asks_the_vendor_once(buyer: Buyer) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ask(buyer, GROQ, "k"), range(6)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["job_id"] for answer in answers if answer.is_success}) == 1
    assert len(buyer.vendor_orders()) == 1 == buyer.spent()


def test_too_few_credits_are_refused_before_the_vendor_is_asked(poor: Buyer) -> None:
    answer = ask(poor, GEMINI, model=PRO, stream=True)
    error = answer.json()
    assert (answer.status_code, error["code"]) == (402, "insufficient_credits")
    assert (error["required"], error["available"]) == (6, 3)
    assert error["top_up_url"].endswith("/api/credits")
    assert poor.vendor_orders() == []
    assert poor.jobs() == []


@pytest.mark.deep
def test_credits_for_three_make_three_of_twenty(poor: Buyer) -> None:
    vendors(poor, text_delay_seconds=0.002)
    lowest, stop = list[int](), threading.Event()

    def watch() -> None:
        while not stop.wait(0.2):
            account = poor.account()
            lowest.append(min(account["available"], account["balance"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: ask(poor, GROQ, stream=bool(n % 2)), range(20)))
    stop.set()
    watcher.join()
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] * 3 + [402] * 17
    assert min(lowest) >= 0
    assert len(poor.vendor_orders()) == 3 == poor.spent()


def test_nobody_stops_another_tenants_text(buyer: Buyer, poor: Buyer) -> None:
    with opened(buyer, GROQ) as (_, events):
        job_id = json.loads(next(events))["job_id"]
        assert poor.http.post(f"/api/jobs/{job_id}/cancel").status_code == 404
    assert buyer.row(job_id)["cancel_requested"] is False


def test_a_process_that_dies_mid_stream_leaves_its_hold_to_the_reconciler(buyer: Buyer) -> None:
    vendors(buyer, text_delay_seconds=SLOW)
    function = "groq_chat"
    with opened(buyer, GROQ, "k") as (_, events):
        next(events)
        buyer.kill(function)
        with pytest.raises(httpx.HTTPError):
            list(events)
    account = buyer.account()
    assert account["balance"] - account["available"] == 1
    assert buyer.row(only_job(buyer)["id"])["due_at"], "the reconciler will look at it"
    assert ask(buyer, GROQ, "k").status_code == 409


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_dies_as_it_opens_the_job_has_asked_nobody(buyer: Buyer, when: str) -> None:
    spoilt = {"service": "dynamodb", "operation": "TransactWriteItems", "function": "groq_chat"}
    buyer.break_call(**spoilt, action="kill", when=when)
    assert ask(buyer, GROQ, "k").status_code >= 500
    assert buyer.vendor_orders() == []
    assert ask(buyer, GROQ, "k").status_code == (200 if when == "before" else 409)


@pytest.mark.parametrize("nth", [1, 2, 3], ids=["hold", "capture", "close"])
def test_a_lost_reply_of_the_table_pays_once(buyer: Buyer, nth: int) -> None:
    spoilt = {"service": "dynamodb", "operation": "TransactWriteItems", "function": "groq_chat"}
    buyer.break_call(**spoilt, action="drop_reply", nth=nth)
    assert answered(buyer, GROQ)["credits"] == 1 == buyer.spent()
    assert only_job(buyer)["status"] == "completed"
    assert buyer.broken_calls() == 1
