"""Every fault a test can order, seen from the customer's side."""

import time
from typing import Any

import httpx
import pytest

from local.simulators import DropReply
from tests.simulators.conftest import Customer
from tests.simulators.films import decoded
from tests.support.http import eventually


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
def test_a_submission_is_refused_as_often_as_ordered(
    customer: Customer, fault: str, status: int, code: int
) -> None:
    customer.fault("submit", fault, count=2, retry_after=7)
    for _ in range(2):
        answer = customer.submit()
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["retry-after"] == "7"
    assert customer.tasks() == []
    assert customer.submit().status_code == 200


@pytest.mark.parametrize(("fault", "status"), [("rate_limited", 429), ("server_error", 500)])
def test_a_poll_is_refused(customer: Customer, fault: str, status: int) -> None:
    task_id = customer.submitted()
    customer.fault("poll", fault)
    assert customer.call("GET", f"image2video/{task_id}").status_code == status
    assert "retry-after" not in customer.call("GET", f"image2video/{task_id}").headers


def test_a_dropped_reply_hides_an_accepted_and_billed_task(customer: Customer) -> None:
    customer.fault("submit", "drop_reply")
    with pytest.raises(httpx.RemoteProtocolError):
        customer.submit(external_task_id="clip-7")
    (task,) = customer.tasks()
    assert (task["external_task_id"], task["billable"]) == ("clip-7", True)
    assert customer.poll("clip-7")["task_id"] == task["task_id"]
    first = customer.requests()[0]
    assert (first["task_id"], first["status"]) == (task["task_id"], None)


def test_a_submission_may_hang(customer: Customer) -> None:
    customer.fault("submit", "hang", delay_seconds=0.3)
    started = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        customer.submit()
    assert time.monotonic() - started >= 0.3
    assert len(customer.tasks()) == 1


def test_a_gateway_timeout_hides_an_accepted_task_too(customer: Customer) -> None:
    customer.fault("submit", "gateway_timeout")
    answer = customer.submit()
    assert (answer.status_code, answer.json()["code"]) == (504, 5002)
    assert len(customer.tasks()) == 1


def test_a_poll_may_lose_its_reply(customer: Customer) -> None:
    task_id = customer.submitted()
    customer.fault("poll", "drop_reply")
    with pytest.raises(httpx.RemoteProtocolError):
        customer.poll(task_id)
    assert customer.poll(task_id)["task_id"] == task_id


@pytest.mark.parametrize("operation", ["submit", "poll"])
def test_a_task_fails(customer: Customer, operation: str) -> None:
    customer.fault(operation, "failed")
    task = customer.finished(customer.submitted())
    assert (task["task_status"], task["task_status_msg"]) == ("failed", "Generation failed")
    assert customer.finished(customer.submitted())["task_status"] == "succeed"


def test_the_vendor_refuses_its_own_output(customer: Customer) -> None:
    customer.fault("poll", "content_policy")
    task = customer.finished(customer.submitted())
    assert task["task_status_msg"] == "Failure to pass the risk control system"


def test_a_task_hangs_in_processing(customer: Customer) -> None:
    customer.fault("poll", "hang")
    task_id = customer.submitted()
    time.sleep(0.5)
    assert customer.poll(task_id)["task_status"] == "processing"
    assert customer.finished(customer.submitted())["task_status"] == "succeed"
    assert customer.poll(task_id)["task_status"] == "processing"


def test_a_running_task_can_be_hit_by_its_poll(customer: Customer) -> None:
    customer.settings(generation_seconds=0.5)
    task_id = customer.submitted()
    customer.fault("poll", "failed")
    assert customer.finished(task_id)["task_status"] == "failed"


@pytest.mark.parametrize("fault", ["slow", "late_success"])
def test_one_slow_task_does_not_hold_back_the_others(customer: Customer, fault: str) -> None:
    customer.finished(customer.submitted())
    customer.fault("submit", fault, delay_seconds=3.0, match={"nth": 2})
    ids = [customer.submitted() for _ in range(3)]
    customer.finished(ids[0])
    customer.finished(ids[2])
    assert customer.poll(ids[1])["task_status"] == "processing"
    assert customer.finished(ids[1])["task_status"] == "succeed"
    took_ms = [task["finished_ms"] - task["submitted_ms"] for task in customer.tasks()[1:]]
    assert took_ms[1] >= 3000 > max(took_ms[0], took_ms[2])


def test_a_fault_can_be_meant_for_one_prompt(customer: Customer) -> None:
    customer.fault("submit", "quota", match={"prompt_contains": "kitchen"})
    assert customer.submit(prompt="the bath").status_code == 200
    assert customer.submit(prompt="the kitchen").status_code == 429


def test_tries_and_tasks_are_counted_by_prompt(customer: Customer) -> None:
    customer.fault("submit", "rate_limited", count=2, match={"prompt_contains": "kitchen"})
    statuses = [
        customer.submit(prompt=f"the {room}").status_code for room in ("kitchen", "bath") * 3
    ]
    assert statuses == [429, 200, 429, 200, 200, 200]
    customer.poll(customer.tasks()[0]["task_id"])
    query = {"operation": "submit", "prompt_contains": "kitchen"}
    tried = customer.client.get("/_sim/requests", params=query).json()["requests"]
    assert [(entry["prompt"], entry["status"]) for entry in tried] == [
        ("the kitchen", 429),
        ("the kitchen", 429),
        ("the kitchen", 200),
    ]
    accepted = customer.client.get("/_sim/tasks", params=query).json()["tasks"]
    assert [task["prompt"] for task in accepted] == ["the kitchen"]


def download(customer: Customer, **changes: Any) -> httpx.Response:
    task = customer.finished(customer.submitted(**changes))
    return customer.client.get(task["task_result"]["videos"][0]["url"])


def test_a_broken_file_stays_broken_and_the_next_is_good(customer: Customer) -> None:
    customer.fault("result", "corrupt")
    task = customer.finished(customer.submitted())
    url = task["task_result"]["videos"][0]["url"]
    first, again = customer.client.get(url).content, customer.client.get(url).content
    assert first == again
    assert first[4:8] == b"ftyp"
    assert decoded(first).frames == []
    assert len(decoded(download(customer).content).frames) == 121


def test_a_truncated_file_has_fewer_frames_than_it_says(customer: Customer) -> None:
    customer.fault("result", "truncated")
    clip = decoded(download(customer).content)
    assert "Duration: 00:00:05.0" in clip.report
    assert 0 < len(clip.frames) < 110


def test_a_page_and_nothing_under_the_name_of_a_video(customer: Customer) -> None:
    customer.fault("result", "html")
    page = download(customer)
    assert page.headers["content-type"] == "video/mp4"
    assert page.content.startswith(b"<!doctype html>")
    customer.fault("result", "empty")
    assert download(customer).content == b""


def test_a_silent_file_where_sound_was_ordered(customer: Customer) -> None:
    tail = f"{customer.pictures.base_url}/hall.jpg"
    order = {"mode": "pro", "sound": "on", "image_tail": tail}
    customer.fault("result", "silent")
    assert not decoded(download(customer, **order).content).has_sound
    assert decoded(download(customer, **order).content).has_sound


def test_files_of_another_form_than_usual(customer: Customer) -> None:
    customer.fault("result", "other_size")
    clip = decoded(download(customer).content)
    assert (clip.pixels(), "30 fps" in clip.report) == ((854, 480), True)
    customer.fault("result", "other_codec")
    assert "Video: mpeg4" in decoded(download(customer).content).report
    customer.fault("result", "variable_rate")
    clip = decoded(download(customer).content)
    assert "Duration: 00:00:0" in clip.report
    assert "dup=56" in clip.report


@pytest.mark.parametrize(("fault", "status"), [("server_error", 500), ("auth", 403)])
def test_a_download_is_refused_once(customer: Customer, fault: str, status: int) -> None:
    customer.fault("result", fault)
    task = customer.finished(customer.submitted())
    url = task["task_result"]["videos"][0]["url"]
    assert [customer.client.get(url).status_code for _ in range(2)] == [status, 200]


@pytest.mark.parametrize("fault", ["drop_reply", "hang"])
def test_a_download_loses_its_connection(customer: Customer, fault: str) -> None:
    customer.fault("result", fault, delay_seconds=0.1)
    with pytest.raises(httpx.RemoteProtocolError):
        download(customer)


@pytest.mark.parametrize(
    "order",
    [
        {"provider": "kling", "operation": "submit", "fault": "corrupt"},
        {"provider": "kling", "operation": "submit", "fault": "nonsense"},
        {"provider": "kling", "operation": "cancel", "fault": "server_error"},
        {"provider": "nobody", "operation": "submit", "fault": "quota"},
        {"provider": "kling", "operation": "submit", "fault": "quota", "count": 0},
        {"provider": "kling", "operation": "submit", "fault": "quota", "colour": "red"},
        {"provider": "kling", "operation": "think", "fault": "quota"},
        [],
    ],
)
def test_an_impossible_fault_is_refused(customer: Customer, order: Any) -> None:
    assert customer.client.post("/_sim/faults", json=order).status_code == 400
    assert customer.client.get("/_sim/faults").json() == {"faults": []}


def test_faults_are_listed_and_cleared(customer: Customer) -> None:
    customer.fault("submit", "quota", count=3)
    customer.submit()
    (listed,) = customer.client.get("/_sim/faults").json()["faults"]
    assert (listed["fault"], listed["remaining"], listed["count"]) == ("quota", 2, 3)
    customer.client.delete("/_sim/faults")
    assert customer.submit().status_code == 200


def test_the_stack_may_cut_any_connection(customer: Customer) -> None:
    seen: list[tuple[str | None, str, str, str]] = []

    def hook(caller: str | None, provider: str, operation: str, phase: str) -> None:
        seen.append((caller, provider, operation, phase))
        if phase == "after":
            raise DropReply

    customer.config.on_request = hook
    url = f"{customer.config.base_url}/_p/process-9/kling/v1/videos/image2video"
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)
    assert seen == [("process-9", "kling", "list", phase) for phase in ("before", "after")]


def test_what_was_asked_is_on_record(customer: Customer) -> None:
    url = "/_p/process-1/kling/v1/videos/image2video"
    customer.client.post(url, json={"prompt": "p" * 5000}, headers={"Authorization": "Bearer x"})
    (entry,) = customer.requests()
    assert (entry["provider"], entry["operation"], entry["method"]) == ("kling", "submit", "POST")
    assert (entry["path"], entry["caller"], entry["status"]) == (url, "process-1", 401)
    assert entry["headers"]["authorization"] == "Bearer x"
    assert len(entry["body"]["prompt"]) < 500
    assert abs(entry["time_ms"] / 1000 - time.time()) < 5
    assert entry["task_id"] is None


def test_settings_change_and_come_back(customer: Customer) -> None:
    customer.settings(generation_seconds=9)
    assert customer.client.get("/_sim/settings").json()["generation_seconds"] == 9
    assert customer.client.post("/_sim/settings", json={"speed": 1}).status_code == 400
    customer.submitted()
    customer.client.delete("/_sim")
    assert customer.client.get("/_sim/settings").json()["generation_seconds"] == 0.1
    assert (customer.tasks(), customer.requests()) == ([], [])


def test_many_customers_at_once(customer: Customer) -> None:
    from concurrent.futures import ThreadPoolExecutor

    customer.settings(concurrency=20)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: customer.submit(external_task_id="same"), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 15]
    assert eventually(lambda: customer.tasks()[0]["state"] == "succeeded")
