"""What Kling takes and what it refuses."""

import base64
import time
from typing import Any

import pytest

from tests.simulators.conftest import Customer, picture_bytes

BASE64_PICTURE = base64.b64encode(picture_bytes(320, 320)).decode()
TOO_SMALL = base64.b64encode(picture_bytes(299, 400)).decode()
TOO_WIDE = base64.b64encode(picture_bytes(1000, 320)).decode()
A_GIF = base64.b64encode(picture_bytes(320, 320, format_name="GIF")).decode()
SIMPLE_CAMERA = {"type": "simple", "config": {"zoom": 5}}


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "pro", "image_tail": BASE64_PICTURE},
        {"image": BASE64_PICTURE},
        {"mode": "pro", "sound": "on"},
        {"duration": "10"},
        {"model_name": "kling-v3", "duration": "3"},
        {"camera_control": SIMPLE_CAMERA},
        {"cfg_scale": 0.5, "negative_prompt": "blur", "a_field_nobody_knows": 1},
        {"prompt": None},
    ],
)
def test_a_good_order_is_accepted(customer: Customer, changes: dict[str, Any]) -> None:
    customer.settings(generation_seconds=60)
    answer = customer.submit(**changes)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["code"], body["message"]) == (0, "SUCCEED")
    assert body["data"]["task_status"] == "submitted"
    assert abs(body["data"]["created_at"] / 1000 - time.time()) < 5


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"model_name": "kling-v99"}, 404, 1203),
        ({"model_name": "kling-v1-6"}, 404, 1203),
        ({"model_name": ""}, 404, 1203),
        ({"duration": 5}, 400, 1201),
        ({"duration": "7"}, 400, 1201),
        ({"mode": "ultra"}, 400, 1201),
        ({"prompt": "x" * 2501}, 400, 1201),
        ({"sound": True}, 400, 1201),
        ({"sound": "on"}, 400, 1201),
        ({"image": ""}, 400, 1201),
        ({"image": f"data:image/jpeg;base64,{BASE64_PICTURE}"}, 400, 1201),
        ({"image": "ftp://example.com/room.jpg"}, 400, 1201),
        ({"image": TOO_SMALL}, 400, 1201),
        ({"image": TOO_WIDE}, 400, 1201),
        ({"image": A_GIF}, 400, 1201),
        ({"image_tail": BASE64_PICTURE}, 400, 1201),
        ({"model_name": "kling-v2-master", "mode": "pro", "image_tail": "x"}, 400, 1201),
        (
            {"mode": "pro", "image_tail": BASE64_PICTURE, "camera_control": SIMPLE_CAMERA},
            400,
            1201,
        ),
        ({"camera_control": {"type": "simple", "config": {"zoom": 5, "pan": 1}}}, 400, 1201),
        ({"camera_control": {"type": "down_back", "config": {"zoom": 5}}}, 400, 1201),
        ({"cfg_scale": 1.5}, 400, 1201),
        ({"callback_url": "not an address"}, 400, 1201),
    ],
)
def test_a_bad_order_is_refused(
    customer: Customer, changes: dict[str, Any], status: int, code: int
) -> None:
    answer = customer.submit(**changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert customer.tasks() == []


def test_a_body_that_is_not_json(customer: Customer) -> None:
    answer = customer.call("POST", "image2video", content=b"{")
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)


def test_text_needs_a_prompt_and_takes_a_ratio(customer: Customer) -> None:
    customer.settings(generation_seconds=60)
    assert customer.submit("text2video", prompt=None).status_code == 400
    assert customer.submit("text2video", aspect_ratio="4:3").status_code == 400
    assert customer.submit("text2video", aspect_ratio="9:16").status_code == 200
    assert customer.submit("text2video", model_name="kling-v2-1").status_code == 400


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (picture_bytes(200, 200), "Image pixel is invalid"),
        (b"<html>", "Image format is invalid"),
        (None, "Failed to download the image: 404"),
    ],
)
def test_a_bad_picture_behind_an_address_fails_the_task(
    customer: Customer, picture: bytes | None, reason: str
) -> None:
    customer.pictures.files["/bad"] = picture or b""
    task_id = customer.submitted(image=f"{customer.pictures.base_url}/bad")
    task = customer.finished(task_id)
    assert (task["task_status"], task["task_status_msg"]) == ("failed", reason)
    assert (task["task_result"], task["final_unit_deduction"]) == ({}, "0")


def test_an_external_id_finds_the_task_and_is_used_once(customer: Customer) -> None:
    task_id = customer.submitted(external_task_id="clip-1.attempt-1")
    found = customer.poll("clip-1.attempt-1")
    assert found["task_id"] == task_id
    assert found["task_info"] == {"external_task_id": "clip-1.attempt-1"}
    again = customer.submit(external_task_id="clip-1.attempt-1")
    assert (again.status_code, again.json()["code"]) == (400, 1201)
    assert len(customer.tasks()) == 1


def test_an_unknown_task(customer: Customer) -> None:
    answer = customer.call("GET", "image2video/nobody")
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)


def test_the_list_has_pages_newest_first(customer: Customer) -> None:
    customer.settings(generation_seconds=60)
    ids = [customer.submitted() for _ in range(3)]
    page = customer.call("GET", "image2video", params={"pageNum": 1, "pageSize": 2}).json()["data"]
    assert [task["task_id"] for task in page] == [ids[2], ids[1]]
    assert customer.call("GET", "image2video", params={"pageSize": 501}).status_code == 400


def test_the_account_has_so_many_tasks_at_once(customer: Customer) -> None:
    customer.settings(generation_seconds=60, concurrency=2)
    customer.submitted()
    customer.submitted()
    answer = customer.submit()
    assert (answer.status_code, answer.json()["code"]) == (429, 1303)
    assert answer.json()["message"] == "parallel task over resource pack limit"


def test_models_can_be_switched_off_and_on(customer: Customer) -> None:
    customer.settings(generation_seconds=60, gone_models=["kling-v2-6"])
    assert customer.submit().json()["code"] == 1203
    assert customer.submit(model_name="kling-v1-6").json()["code"] == 0
