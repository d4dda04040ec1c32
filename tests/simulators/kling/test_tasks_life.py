"""Tasks of Kling's second standard: their results, webhooks and faults."""

import json
import time
from typing import Any

import httpx
import pytest

from tests.simulators.conftest import Customer
from tests.simulators.films import decoded, difference, still
from tests.simulators.kling.tasks_customer import TasksCustomer
from tests.simulators.test_webhooks import is_genuine
from tests.support.http import eventually


@pytest.fixture
def kling(customer: Customer) -> TasksCustomer:
    return TasksCustomer(customer)


def bodies(customer: Customer) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in customer.pictures.received]


def test_a_task_from_order_to_result(kling: TasksCustomer) -> None:
    last = {"type": "last_frame", "url": f"{kling.customer.pictures.base_url}/hall.jpg"}
    task = kling.finished(kling.submitted(last, audio="native"))
    assert task["status"] == "succeeded"
    (output,) = task["outputs"]
    assert (output["type"], output["duration"]) == ("video", "5")
    assert task["billing"] == [{"charge_type": "unit", "amount": "5", "package_type": "video"}]
    clip = decoded(httpx.get(output["url"]).content)
    assert clip.has_sound
    files = kling.customer.pictures.files
    assert difference(clip.frames[0], still(files["/room.jpg"])) < 4
    assert difference(clip.frames[-1], still(files["/hall.jpg"])) < 4


def test_the_turbo_model_always_sounds(kling: TasksCustomer) -> None:
    task = kling.finished(kling.submitted(model="kling-3.0-turbo", duration=3))
    assert decoded(httpx.get(task["outputs"][0]["url"]).content).has_sound


def test_a_bad_picture_behind_an_address_fails_the_task(kling: TasksCustomer) -> None:
    last = {"type": "last_frame", "url": f"{kling.customer.pictures.base_url}/nothing.jpg"}
    task = kling.finished(kling.submitted(last))
    assert (task["status"], task["message"]) == ("failed", "Failed to download the image: 404")
    assert "outputs" not in task


def test_every_change_is_sent_in_the_form_of_a_poll_and_signed(kling: TasksCustomer) -> None:
    hook = f"{kling.customer.pictures.base_url}/hook"
    task_id = kling.submitted(options={"callback_url": hook, "external_task_id": "job-1"})
    eventually(lambda: len(kling.customer.pictures.received) == 2)
    assert all(is_genuine(*message) for message in kling.customer.pictures.received)
    told = {body["status"]: body for body in bodies(kling.customer)}
    assert sorted(told) == ["processing", "succeeded"]
    assert told["succeeded"] == kling.poll(task_id)
    assert told["processing"]["external_id"] == "job-1"


def test_a_forged_webhook_comes_in_the_same_form(kling: TasksCustomer) -> None:
    kling.customer.settings(generation_seconds=1)
    kling.customer.fault("webhook", "webhook_forged", match={"prompt_contains": "attic"})
    options = {"callback_url": f"{kling.customer.pictures.base_url}/hook"}
    kling.submitted(prompt="the attic", options=options)
    eventually(lambda: len(kling.customer.pictures.received) == 3)
    forged = [
        json.loads(body)
        for headers, body in kling.customer.pictures.received
        if not is_genuine(headers, body)
    ]
    (only,) = forged
    assert only["status"] == "succeeded"
    assert only["outputs"][0]["url"].startswith("https://forged.invalid/")


@pytest.mark.parametrize(
    ("fault", "times"), [("webhook_lost", 1), ("webhook_doubled", 3), ("webhook_late", 2)]
)
def test_a_final_webhook_goes_astray(kling: TasksCustomer, fault: str, times: int) -> None:
    kling.customer.fault("webhook", fault, delay_seconds=0.3, match={"prompt_contains": "attic"})
    options = {"callback_url": f"{kling.customer.pictures.base_url}/hook"}
    kling.finished(kling.submitted(prompt="the attic", options=options))
    eventually(lambda: len(kling.customer.pictures.received) == times)
    assert ("succeeded" in {body["status"] for body in bodies(kling.customer)}) == (times > 1)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate_limited", 429, 1302),
        ("server_error", 500, 5000),
        ("auth", 401, 1002),
        ("quota", 429, 1102),
        ("invalid_input", 400, 1201),
        ("content_policy", 400, 1301),
        ("model_gone", 404, 1203),
    ],
)
def test_one_prompt_is_refused_and_the_others_are_not(
    kling: TasksCustomer, fault: str, status: int, code: int
) -> None:
    kling.customer.settings(generation_seconds=60)
    attic = {"prompt_contains": "attic"}
    kling.customer.fault("submit", fault, retry_after=7, match=attic)
    assert kling.submit(prompt="the bath").status_code == 200
    refused = kling.submit(prompt="the attic")
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["retry-after"] == "7"
    words = {"prompt": "the attic", "settings": {"duration": 5}}
    kling.customer.fault("submit", fault, match=attic)
    answer = kling.call("POST", "text-to-video/kling-3.0", json=words)
    assert answer.json()["code"] == code
    assert "retry-after" not in answer.headers
    assert [task["prompt"] for task in kling.customer.tasks()] == ["the bath"]


@pytest.mark.parametrize("fault", ["drop_reply", "hang"])
def test_a_lost_reply_hides_a_task_that_its_own_id_finds(kling: TasksCustomer, fault: str) -> None:
    attic = {"prompt_contains": "attic"}
    kling.customer.fault("submit", fault, delay_seconds=0.1, match=attic)
    with pytest.raises(httpx.RemoteProtocolError):
        kling.submit(prompt="the attic", options={"external_task_id": "job-1"})
    (found,) = kling.listed(external_task_ids="job-1")
    assert kling.finished(found["id"])["status"] == "succeeded"


def test_a_gateway_timeout_hides_a_task_too(kling: TasksCustomer) -> None:
    kling.customer.fault("submit", "gateway_timeout", match={"prompt_contains": "attic"})
    answer = kling.submit(prompt="the attic")
    assert (answer.status_code, answer.json()["code"]) == (504, 5002)
    assert len(kling.customer.tasks()) == 1


@pytest.mark.parametrize(
    ("operation", "fault", "message"),
    [
        ("submit", "failed", "Generation failed"),
        ("poll", "failed", "Generation failed"),
        ("poll", "content_policy", "Failure to pass the risk control system"),
    ],
)
def test_one_task_fails_and_the_others_do_not(
    kling: TasksCustomer, operation: str, fault: str, message: str
) -> None:
    kling.customer.fault(operation, fault, match={"prompt_contains": "attic"})
    bath, attic = (kling.submitted(prompt=f"the {room}") for room in ("bath", "attic"))
    task = kling.finished(attic)
    assert (task["status"], task["message"]) == ("failed", message)
    assert kling.finished(bath)["status"] == "succeeded"


def test_a_task_hangs_and_another_is_late(kling: TasksCustomer) -> None:
    kling.customer.fault("poll", "hang", match={"prompt_contains": "attic"})
    kling.customer.fault(
        "poll", "late_success", delay_seconds=0.5, match={"prompt_contains": "cellar"}
    )
    attic, cellar = (kling.submitted(prompt=f"the {room}") for room in ("attic", "cellar"))
    started = time.monotonic()
    assert kling.finished(cellar)["status"] == "succeeded"
    assert time.monotonic() - started >= 0.5
    assert kling.poll(attic)["status"] == "processing"


@pytest.mark.parametrize(("fault", "status"), [("rate_limited", 429), ("server_error", 500)])
def test_a_poll_is_refused_once(kling: TasksCustomer, fault: str, status: int) -> None:
    task_id = kling.submitted(prompt="the attic")
    kling.customer.fault("poll", fault, match={"prompt_contains": "attic"})
    assert kling.call("GET", f"tasks?task_ids={task_id}").status_code == status
    assert kling.poll(task_id)["id"] == task_id


def test_a_file_is_broken_for_one_prompt(kling: TasksCustomer) -> None:
    kling.customer.fault("result", "corrupt", match={"prompt_contains": "attic"})
    bath, attic = (
        httpx.get(kling.finished(kling.submitted(prompt=room))["outputs"][0]["url"]).content
        for room in ("the bath", "the attic")
    )
    assert decoded(attic).frames == []
    assert decoded(bath).frames
