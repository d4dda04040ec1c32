"""What the simulated Google takes and refuses, on the wire."""

import time
from typing import Any

import httpx
import pytest

from tests.simulators.conftest import Customer, picture_bytes
from tests.simulators.films import decoded, difference, still
from tests.simulators.google.customer import OMNI, VEO, GoogleCustomer
from tests.support.http import eventually


@pytest.fixture
def google(customer: Customer) -> GoogleCustomer:
    customer.settings(gone_models=[])
    return GoogleCustomer(customer)


def rpc_error(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error["status"]


def code_error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize(
    ("fault", "status", "word", "code"),
    [
        ("rate_limited", 429, "RESOURCE_EXHAUSTED", "rate_limit_exceeded"),
        ("quota", 429, "RESOURCE_EXHAUSTED", "quota_exceeded"),
        ("server_error", 500, "INTERNAL", "api_error"),
        ("auth", 403, "PERMISSION_DENIED", "permission_denied"),
        ("invalid_input", 400, "INVALID_ARGUMENT", "invalid_request"),
        ("content_policy", 400, "INVALID_ARGUMENT", "prohibited_content"),
        ("model_gone", 404, "NOT_FOUND", "model_not_found"),
    ],
)
def test_each_protocol_refuses_in_its_own_form(
    google: GoogleCustomer, fault: str, status: int, word: str, code: str
) -> None:
    google.fault("submit", fault, count=2, retry_after=9)
    veo, omni = google.order_veo(), google.order_omni()
    assert rpc_error(veo) == (status, word)
    assert veo.json()["error"]["details"][-1]["retryDelay"] == "9s"
    assert (code_error(omni), omni.headers["retry-after"]) == ((status, code), "9")
    assert google.customer.tasks() == []


def test_every_call_needs_the_key(google: GoogleCustomer) -> None:
    path = f"v1beta/models/{VEO}:predictLongRunning"
    assert rpc_error(google.call("POST", path, key="")) == (403, "PERMISSION_DENIED")
    wrong = google.call("POST", path, key="wrong")
    assert rpc_error(wrong) == (400, "INVALID_ARGUMENT")
    assert wrong.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    for key in ("", "wrong"):
        answer = google.call("GET", "v1beta/interactions/v1_x", key=key)
        assert code_error(answer) == (401, "authentication")


def test_the_key_may_be_in_the_address(google: GoogleCustomer) -> None:
    key = {"key": google.customer.config.secrets["google_api_key"]}
    answer = google.call("GET", "v1beta/interactions/v1_x", key="", params=key)
    assert code_error(answer) == (404, "not_found")


def test_a_retired_model_is_not_found(customer: Customer) -> None:
    google = GoogleCustomer(customer)
    assert rpc_error(google.order_veo()) == (404, "NOT_FOUND")
    assert google.order_omni().status_code == 200
    customer.settings(gone_models=[OMNI])
    assert code_error(google.order_omni()) == (404, "model_not_found")
    assert google.order_veo().status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {"durationSeconds": 4}},
        {"parameters": {"durationSeconds": "5"}},
        {"parameters": {"aspectRatio": "1:1"}},
        {"parameters": {"resolution": "1080p"}},
        {"parameters": {"generateAudio": True}},
        {"instances": []},
        {"instances": [{"prompt": ""}]},
        {"instances": [{"prompt": "a", "image": {"gcsUri": "gs://a/b"}}]},
        {"instances": [{"prompt": "a", "image": {"imageUrl": "https://a/b.jpg"}}]},
        {
            "instances": [
                {
                    "prompt": "a",
                    "image": {"bytesBase64Encoded": "aGVsbG8=", "mimeType": "image/jpeg"},
                }
            ]
        },
    ],
)
def test_veo_refuses_what_it_cannot_do(google: GoogleCustomer, change: dict[str, Any]) -> None:
    assert rpc_error(google.order_veo(**change)) == (400, "INVALID_ARGUMENT")
    assert google.customer.tasks() == []


@pytest.mark.parametrize(
    "change",
    [
        {"response_format": {"type": "video", "duration": "11s"}},
        {"response_format": {"type": "video", "duration": 5}},
        {"response_format": {"type": "video", "aspect_ratio": "1:1"}},
        {"response_format": {"type": "video", "resolution": "8k"}},
        {"input": [{"type": "image", "data": "aGVsbG8=", "mime_type": "image/jpeg"}]},
        {"input": [{"type": "image", "uri": "https://a/b.jpg"}, {"type": "text", "text": "a"}]},
        {"generation_config": {"video_config": {"task": "image_to_video"}}},
        {"input": ""},
        {"stream": True},
    ],
)
def test_omni_refuses_what_it_cannot_do(google: GoogleCustomer, change: dict[str, Any]) -> None:
    assert google.order_omni(**change).status_code == 400
    assert google.customer.tasks() == []


def test_unknown_fields_are_refused_by_name(google: GoogleCustomer) -> None:
    assert code_error(google.order_omni(negative_prompt="blur")) == (400, "parameter_unknown")


def test_an_operation_is_not_done_before_its_end(google: GoogleCustomer) -> None:
    google.customer.settings(generation_seconds=60)
    name = google.order_veo().json()["name"]
    assert google.call("GET", f"v1beta/{name}").json() == {"name": name}
    assert google.call("GET", f"v1beta/models/other/operations/{name[-24:]}").status_code == 404
    assert google.call("GET", f"v1beta/interactions/{name[-24:]}").status_code == 404


def test_a_failed_operation_has_an_error(google: GoogleCustomer) -> None:
    google.fault("poll", "failed")
    found = google.finished_veo()
    assert (found["error"]["code"], "response" in found) == (13, False)


def test_a_filtered_operation_has_no_samples(google: GoogleCustomer) -> None:
    google.fault("poll", "content_policy")
    found = google.finished_veo()["response"]["generateVideoResponse"]
    assert (found["raiMediaFilteredCount"], "generatedSamples" in found) == (1, False)


def test_a_failed_interaction_has_errors(google: GoogleCustomer) -> None:
    google.fault("submit", "failed")
    found = google.finished_omni()
    assert (found["status"], found["errors"][0]["code"]) == ("failed", "api_error")


def test_a_download_is_passed_on_to_an_address_without_the_key(google: GoogleCustomer) -> None:
    video = google.finished_veo()["response"]["generateVideoResponse"]["generatedSamples"][0]
    path = video["video"]["uri"].partition("/google/")[2]
    assert google.call("GET", path, key="").status_code == 403
    answer = google.call("GET", path)
    assert answer.status_code == 302
    public = httpx.get(answer.headers["location"])
    assert (public.status_code, public.content[4:8]) == (200, b"ftyp")
    assert google.call("GET", "v1beta/files/nobody:download?alt=media").status_code == 403


def test_a_file_is_processed_for_a_moment(google: GoogleCustomer) -> None:
    google.finished_omni()  # this clip is rendered by now
    google.customer.settings(generation_seconds=3)
    uri = google.finished_omni()["steps"][-1]["content"][0]["uri"]
    path = uri.partition("/google/")[2].partition(":")[0]
    states = [google.call("GET", path).json()["state"]]
    assert eventually(lambda: google.call("GET", path).json()["state"] == "ACTIVE")
    assert states == ["PROCESSING"]


def test_what_is_over_is_not_cancelled(google: GoogleCustomer) -> None:
    path = f"v1beta/interactions/{google.finished_omni()['id']}/cancel"
    assert code_error(google.call("POST", path)) == (400, "invalid_request")
    assert code_error(google.call("POST", "v1beta/interactions/v1_x/cancel")) == (404, "not_found")


@pytest.mark.parametrize("fault", ["drop_reply", "hang"])
def test_an_accepted_order_may_go_unanswered(google: GoogleCustomer, fault: str) -> None:
    for order in (google.order_veo, google.order_omni):
        google.fault("submit", fault, delay_seconds=0.1)
        with pytest.raises(httpx.RemoteProtocolError):
            order()
    assert [task["billable"] for task in google.customer.tasks()] == [True, True]


def test_a_gateway_gives_up_on_an_accepted_order(google: GoogleCustomer) -> None:
    google.fault("submit", "gateway_timeout", count=2)
    assert (google.order_veo().status_code, google.order_omni().status_code) == (504, 504)
    assert len(google.customer.tasks()) == 2


def test_faults_are_meant_for_one_prompt(google: GoogleCustomer) -> None:
    google.fault("submit", "quota", match={"prompt_contains": "pan"})
    assert google.order_veo().status_code == 200
    assert google.order_omni().status_code == 429
    assert google.order_omni().status_code == 200


def test_a_late_success_comes_late(google: GoogleCustomer) -> None:
    google.finished_omni()
    google.fault("submit", "late_success", delay_seconds=1)
    started = time.monotonic()
    assert google.finished_omni()["status"] == "completed"
    assert time.monotonic() - started >= 1


def test_broken_files_are_broken_inline_too(google: GoogleCustomer) -> None:
    video = {"type": "video", "duration": "3s"}
    google.fault("result", "empty")
    found = google.finished_omni(response_format=video)
    assert found["steps"][-1]["content"][0]["data"] == ""
    google.fault("result", "html")
    uri = google.finished_omni()["steps"][-1]["content"][0]["uri"]
    page = google.call("GET", uri.partition("/google/")[2], follow_redirects=True)
    assert page.content.startswith(b"<!doctype html>")


def test_pictures_are_cut_to_what_was_ordered(google: GoogleCustomer) -> None:
    wide = picture_bytes(900, 400)
    google.customer.pictures.files["/wide.jpg"] = wide
    content = [google.image("/wide.jpg"), {"type": "text", "text": "static"}]
    video = {"type": "video", "duration": "3s", "resolution": "1080p", "delivery": "uri"}
    found = google.finished_omni(input=content, response_format=video)
    uri = found["steps"][-1]["content"][0]["uri"]
    answer = google.call("GET", uri.partition("/google/")[2], follow_redirects=True)
    clip = decoded(answer.content)
    assert (clip.size(), len(clip.frames)) == ((1920, 1080), 73)
    edge = (900 - 400 * 16 // 9) // 2
    middle = still(wide, 900, 400).crop((edge, 0, 900 - edge, 400)).resize((160, 90))
    assert difference(clip.frames[0], middle) < 6


def test_big_pictures_are_not_listed(google: GoogleCustomer) -> None:
    content = [google.image(), {"type": "text", "text": "static"}]
    google.order_omni(input=content)
    google.order_veo()
    assert all(len(str(task)) < 3000 for task in google.customer.tasks())
