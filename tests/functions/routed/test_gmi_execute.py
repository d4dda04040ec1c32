"""gmi-execute through the API: submitted, asked for, kept and paid; text at once."""

import io
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from local.stack import Stack
from tests.functions.videos.conftest import Buyer, newcomer
from tests.support.http import eventually

pytestmark = pytest.mark.stack
GMI = "/functions/v1/gmi-execute"
VIDEO, PICTURE, FROM_PICTURE = "gmi/kling-v3-omni", "gmi/seedream-5.0-lite", "gmi/ltx-fast-i2v"
TEXT = "gmi/gemini-3.1-flash-lite"


@pytest.fixture
def buyer(stack: Stack) -> Iterator[Buyer]:
    yield from newcomer(stack)


def submitted(
    buyer: Buyer, model: str, inputs: Any = None, key: str | None = None, **fields: Any
) -> httpx.Response:
    inputs = {"prompt": "A bright living room"} if inputs is None else inputs
    context = {"workspaceId": buyer.workspace_id, "action": "submit"}
    body = {"modelId": model, "inputs": inputs} | context | fields
    headers = {"Idempotency-Key": key} if key else {}
    return buyer.http.post(GMI, json=body, headers=headers)


def taken(buyer: Buyer, model: str, inputs: Any = None, key: str | None = None) -> Any:
    answer = submitted(buyer, model, inputs, key)
    assert answer.status_code == 200, answer.text
    return answer.json()


def polled(buyer: Buyer, request_id: str) -> Any:
    return buyer.json("POST", GMI, {"action": "poll", "requestId": request_id})


def ended(buyer: Buyer, request_id: str) -> Any:
    def over() -> Any:
        told = polled(buyer, request_id)
        return told if told["status"] in {"success", "failed"} else None

    return eventually(over)


def test_orders_are_taken_made_stored_and_paid(buyer: Buyer) -> None:
    video = taken(buyer, VIDEO, {"prompt": "Waves", "duration": 5})
    picture = taken(buyer, PICTURE)
    url = buyer.upload()
    clip = taken(buyer, FROM_PICTURE, {"prompt": "Dolly in", "image": url})
    assert (video["success"], video["provider"]) == (True, "gmi-cloud")
    assert video["status"] in {"queued", "processing"}
    assert video["requestId"] == video["job_id"] == video["data"]["request_id"]
    ends = [ended(buyer, one["requestId"]) for one in (video, picture, clip)]
    names = ("video_url", "image_url", "video_url")
    for told, name in zip(ends, names, strict=True):
        assert (told["status"], told["success"], told["progress"]) == ("success", True, 100)
        outcome = told["data"]["outcome"]
        assert outcome[name] == told["storage_url"] == outcome["media_urls"][0]["url"]
        assert told["storage_url"].startswith(buyer.stack.base_url)
    shown = httpx.get(ends[1]["storage_url"], follow_redirects=True).content
    assert Image.open(io.BytesIO(shown)).size[0] > 16
    prices = [buyer.row(one["job_id"])["credits"] for one in ends]
    assert [str(told["credits"]) for told in ends] == prices
    assert buyer.spent() == sum(map(int, prices)) == sum(one["credits"] for one in ends)
    assert httpx.get(video["statusUrl"], headers=dict(buyer.http.headers)).json() == ends[0]
    sent = next(task for task in buyer.vendor_tasks() if task["model"].startswith("ltx"))
    assert "project-assets/" in sent["inputs"]["image_uri"]


def test_a_poll_never_reaches_the_vendor(buyer: Buyer) -> None:
    buyer.slow_down(30)
    request_id = taken(buyer, VIDEO)["requestId"]
    url = f"{buyer.stack.providers_url}/_sim/requests?provider=gmi&operation=poll"
    eventually(buyer.vendor_tasks)
    before = httpx.get(url).json()["requests"]
    for _ in range(5):
        assert polled(buyer, request_id)["status"] in {"queued", "processing"}
    assert httpx.get(url).json()["requests"] == before
    buyer.json("POST", f"/api/jobs/{request_id}/cancel", {})
    told = ended(buyer, request_id)
    assert (told["success"], told["code"], told["credits"]) == (False, "canceled", 0)


def test_only_the_owner_may_poll(buyer: Buyer, stack: Stack) -> None:
    request_id = taken(buyer, PICTURE)["requestId"]
    assert stack.other_tenant is not None
    headers = {"Authorization": f"Bearer {stack.other_tenant.token}"}
    for wanted in (request_id, str(uuid.uuid4())):
        body = {"action": "poll", "requestId": wanted}
        answer = httpx.post(stack.base_url + GMI, json=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "Request not found")


def test_the_same_key_is_the_same_order(buyer: Buyer) -> None:
    first = submitted(buyer, PICTURE, key="once")
    again = submitted(buyer, PICTURE, key="once")
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    other = submitted(buyer, VIDEO, key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    eventually(buyer.vendor_orders)
    assert len(buyer.jobs()) == 1


def test_text_is_answered_at_once_and_paid_once(buyer: Buyer) -> None:
    told = taken(buyer, TEXT, {"prompt": "Write one sentence about a kitchen"}, "one text")
    assert told["data"]["choices"][0]["message"]["content"].strip()
    assert (told["status"], told["media_type"]) == ("success", "text")
    assert told["credits"] == buyer.spent() == 1
    replay = taken(buyer, TEXT, {"prompt": "Write one sentence about a kitchen"}, "one text")
    assert replay == told
    assert polled(buyer, told["requestId"])["data"] == told["data"]
    assert buyer.spent() == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"modelId": "gmi/none-such"}, "unknown_model"),
    ({"modelId": "fal-ai/flux/schnell"}, "wrong_endpoint"),
    ({"modelId": ""}, "invalid_input"),
    ({"inputs": {}}, "invalid_input"),
    ({"inputs": {"prompt": "x", "duration": "long"}}, "invalid_input"),
    ({"inputs": {"prompt": "x", "image": "https://a.example/b.jpg"}}, "input_unsupported"),
    ({"action": "steal"}, "invalid_input"),
    ({"action": "poll"}, "invalid_input"),
]


def test_what_is_wrong_is_refused(buyer: Buyer, subtests: pytest.Subtests) -> None:
    body = {"modelId": VIDEO, "inputs": {"prompt": "x"}, "workspaceId": buyer.workspace_id}
    for change, code in WRONG:
        with subtests.test(change=str(change)):
            answer = buyer.http.post(GMI, json=body | change)
            assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert buyer.jobs() == []


def test_a_failure_costs_nothing_and_discloses_only_its_class(buyer: Buyer) -> None:
    buyer.spoil("submit", "content_policy", "gmi")
    told = ended(buyer, taken(buyer, PICTURE)["requestId"])
    assert (told["success"], told["status"]) == (False, "failed")
    assert told["code"] in {"content_policy", "provider_invalid_input"}
    assert (told["credits"], buyer.spent()) == (0, 0)


def test_a_create_whose_answer_was_lost_is_never_sent_again(buyer: Buyer) -> None:
    buyer.spoil("submit", "drop_reply", "gmi")
    told = ended(buyer, taken(buyer, PICTURE)["requestId"])
    assert (told["status"], told["code"], told["credits"]) == ("failed", "submit_unknown", 0)
    assert len(buyer.vendor_tasks()) == 1
