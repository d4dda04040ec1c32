"""What Kling's second standard takes, refuses and answers."""

import base64
import time
from typing import Any

import pytest

from tests.simulators.conftest import Customer, picture_bytes, signed_token
from tests.simulators.kling.tasks_customer import TasksCustomer

BASE64_PICTURE = base64.b64encode(picture_bytes(320, 320)).decode()
TOO_SMALL = base64.b64encode(picture_bytes(299, 400)).decode()
LAST = {"type": "last_frame", "url": BASE64_PICTURE}


@pytest.fixture
def kling(customer: Customer) -> TasksCustomer:
    customer.settings(generation_seconds=60)
    return TasksCustomer(customer)


@pytest.mark.parametrize(
    ("model", "contents", "settings"),
    [
        ("kling-3.0", [LAST], {"duration": 3, "resolution": "720p", "audio": "native"}),
        ("kling-3.0", [], {"duration": 15, "resolution": "4k", "multi_shot": False}),
        ("kling-3.0-turbo", [], {"duration": 7, "resolution": "720p"}),
        ("kling-2.6", [LAST], {"duration": 10, "audio": "native"}),
        ("kling-2.6", [], {"resolution": "720p", "audio": "off"}),
        ("kling-2.5-turbo", [LAST], {}),
        ("kling-2.5-turbo", [], {"resolution": "720p", "a_field_nobody_knows": 1}),
    ],
)
def test_a_good_order_is_accepted(
    kling: TasksCustomer, model: str, contents: list[Any], settings: dict[str, Any]
) -> None:
    answer = kling.submit(*contents, model=model, **settings)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["code"], body["message"]) == (0, "SUCCEED")
    assert body["data"]["id"].isdecimal()
    assert body["data"]["status"] == "submitted"
    assert abs(body["data"]["create_time"] / 1000 - time.time()) < 5


@pytest.mark.parametrize(
    ("model", "contents", "settings"),
    [
        ("kling-2.6", [], {"duration": "5"}),
        ("kling-2.6", [], {"duration": 5.0}),
        ("kling-2.6", [], {"duration": 7}),
        ("kling-2.5-turbo", [], {"duration": 3}),
        ("kling-3.0", [], {"duration": 2}),
        ("kling-3.0-turbo", [], {"duration": 16}),
        ("kling-2.6", [], {"resolution": "4k"}),
        ("kling-3.0-turbo", [], {"resolution": "4k"}),
        ("kling-3.0", [], {"resolution": "480p"}),
        ("kling-3.0", [], {"audio": "on"}),
        ("kling-3.0", [], {"audio": True}),
        ("kling-3.0-turbo", [], {"audio": "native"}),
        ("kling-2.5-turbo", [], {"audio": "off"}),
        ("kling-2.6", [], {"audio": "native", "resolution": "720p"}),
        ("kling-2.6", [LAST], {"resolution": "720p"}),
        ("kling-2.5-turbo", [LAST], {"resolution": "720p"}),
        ("kling-3.0-turbo", [LAST], {}),
        ("kling-2.6", [], {"multi_shot": False}),
        ("kling-3.0", [LAST, LAST], {}),
        ("kling-3.0", [{"type": "last_frame", "url": TOO_SMALL}], {}),
        ("kling-3.0", [{"type": "last_frame"}], {}),
        ("kling-3.0", [{"type": "soundtrack", "url": "https://a.example/b.mp3"}], {}),
        ("kling-3.0", [], {"prompt": "x" * 2501}),
        ("kling-3.0", [], {"options": {"callback_url": "not an address"}}),
    ],
)
def test_a_bad_order_is_refused(
    kling: TasksCustomer, model: str, contents: list[Any], settings: dict[str, Any]
) -> None:
    answer = kling.submit(*contents, model=model, **settings)
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert kling.customer.tasks() == []


@pytest.mark.parametrize("contents", [[], [LAST], [{"type": "prompt", "text": "zoom"}]])
def test_a_video_begins_with_a_picture(kling: TasksCustomer, contents: list[Any]) -> None:
    answer = kling.call("POST", "image-to-video/kling-3.0", json={"contents": contents})
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)


@pytest.mark.parametrize("model", ["kling-v3", "kling-9", "kling-3.0/x"])
def test_an_unknown_model_is_a_missing_resource(kling: TasksCustomer, model: str) -> None:
    answer = kling.submit(model=model)
    assert (answer.status_code, answer.json()["code"]) == (404, 1203)


def test_models_can_be_switched_off(kling: TasksCustomer) -> None:
    kling.customer.settings(gone_models=["kling-2.6"])
    assert kling.submit().json()["code"] == 1203
    assert kling.submit(model="kling-2.5-turbo").json()["code"] == 0


def test_words_have_their_prompt_at_the_top_and_take_a_ratio(kling: TasksCustomer) -> None:
    def code(**body: Any) -> int:
        return int(kling.call("POST", "text-to-video/kling-3.0", json=body).json()["code"])

    assert code() == 1201
    assert code(prompt="") == 1201
    assert code(contents=[{"type": "prompt", "text": "a house"}]) == 1201
    assert code(prompt="a house", settings={"aspect_ratio": "4:3"}) == 1201
    assert code(prompt="a house", settings={"aspect_ratio": "9:16", "duration": 3}) == 0
    assert [task["prompt"] for task in kling.customer.tasks()] == ["a house"]


def test_a_signed_token_is_refused(kling: TasksCustomer) -> None:
    for method, path in (("POST", "image-to-video/kling-3.0"), ("GET", "tasks?task_ids=1")):
        for token in (signed_token(), "garbage"):
            answer = kling.call(method, path, token)
            assert (answer.status_code, answer.json()["code"]) == (401, 1002)


def test_without_an_api_key_nobody_is_let_in(kling: TasksCustomer) -> None:
    keys = kling.customer.config.secrets
    kept, keys["kling_api_key"] = keys["kling_api_key"], ""
    try:
        assert kling.submit().json()["code"] == 1002
        assert kling.call("GET", "tasks?task_ids=1", "x").json()["code"] == 1002
    finally:
        keys["kling_api_key"] = kept


def test_tasks_are_read_by_either_id(kling: TasksCustomer) -> None:
    one = kling.submitted(options={"external_task_id": "job-1"})
    two = kling.submitted(options={"external_task_id": "job-2"})
    assert [task["id"] for task in kling.listed(task_ids=f"{two},{one}")] == [two, one]
    (found,) = kling.listed(external_task_ids="job-2")
    assert (found["id"], found["external_id"], found["message"]) == (two, "job-2", "")
    assert "outputs" not in found


def test_unknown_ids_are_left_out(kling: TasksCustomer) -> None:
    one = kling.submitted(options={"external_task_id": "job-1"})
    assert kling.listed(external_task_ids="nobody") == []
    assert kling.listed(task_ids="job-1") == []
    assert kling.listed(external_task_ids=one) == []
    assert [task["id"] for task in kling.listed(task_ids=f"nobody,{one}")] == [one]


@pytest.mark.parametrize("query", [{}, {"task_ids": "1", "external_task_ids": "2"}])
def test_one_sort_of_id_is_asked_for(kling: TasksCustomer, query: dict[str, str]) -> None:
    answer = kling.call("GET", "tasks", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)


def test_both_standards_share_the_account(kling: TasksCustomer) -> None:
    kling.customer.settings(generation_seconds=60, concurrency=2)
    kling.customer.submitted(external_task_id="job-1")
    again = kling.submit(options={"external_task_id": "job-1"})
    assert (again.status_code, again.json()["code"]) == (400, 1201)
    kling.submitted()
    assert kling.submit().json()["code"] == 1303
    assert kling.customer.submit().json()["code"] == 1303


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "image-to-video/kling-3.0"), ("POST", "tasks")]
)
def test_an_unknown_call(kling: TasksCustomer, method: str, path: str) -> None:
    answer = kling.call(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, 1202)


@pytest.mark.parametrize(
    ("model", "settings", "amount"),
    [
        ("kling-3.0", {"resolution": "720p", "duration": 3}, 1.8),
        ("kling-3.0", {"audio": "native", "duration": 3}, 3.6),
        ("kling-2.6", {"resolution": "720p"}, 1.5),
        ("kling-2.6", {"audio": "native"}, 5.0),
    ],
)
def test_a_second_has_its_price(
    kling: TasksCustomer, model: str, settings: dict[str, Any], amount: float
) -> None:
    kling.submitted(model=model, **settings)
    assert kling.customer.tasks()[0]["cost_units"] == amount
