import json
import socket

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers import http as vendor_http
from showreel.providers.base import (
    Failed,
    InputPicture,
    Lookup,
    Pending,
    SubmitRequest,
    SubmitUnknown,
    Succeeded,
    VendorTask,
)
from showreel.providers.fal.queue import Fal
from showreel.providers.fal.urls import RequestUrls, read_handle, urls_in, usual_urls
from showreel.providers.http import NotSent, http_client

ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
ROOT = f"/fal-ai/flux/requests/{ID}"
HANDLE = json.dumps([ROOT, "/status", "", "/cancel"], separators=(",", ":"))
TASK = VendorTask(ID, HANDLE)
REQUEST = SubmitRequest(
    external_id="job-1",
    upstream="fal-ai/flux/schnell",
    parameters={"enable_safety_checker": True},
    prompt="a lamp",
    duration_seconds=0,
    callback_url="https://api.example/webhooks/fal?job=job&x=1",
    inputs={"prompt": "a lamp", "image_size": "square", "seed": 7},
)
LOOKUP = Lookup("job-1", 1_780_000_000, upstream="fal-ai/flux/schnell", reported_task_id=ID)
QUEUE = "https://queue.fal.run"


@pytest.fixture
def fal(vendor):
    yield Fal(vendor.base_url, "id:secret")
    http_client(vendor.base_url).close()
    http_client.cache_clear()


def says(status, body, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler):
        handler.send_response(status)
        handler.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def completed(status, body, **said):
    """A vendor whose request is completed, with that answer for the result."""

    def answer(handler):
        is_status = handler.path.endswith("/status?logs=1")
        done = {"status": "COMPLETED", "request_id": ID, "logs": None, **said}
        says(200, done)(handler) if is_status else says(status, body)(handler)

    return answer


def created(base_url, **changes):
    url = f"{base_url}{ROOT}"
    usual = {"status": "IN_QUEUE", "request_id": ID, "queue_position": 0, "response_url": url}
    return {**usual, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel", **changes}


def test_a_create_is_sent_as_the_vendor_documents_it(vendor, fal):
    vendor.answer = says(200, created(vendor.base_url))
    assert fal.submit(REQUEST) == TASK
    method, path, headers, body = vendor.requests[0]
    hook = "https%3A%2F%2Fapi.example%2Fwebhooks%2Ffal%3Fjob%3Djob%26x%3D1"
    assert (method, path) == ("POST", f"/_p/key/fal-ai/flux/schnell?fal_webhook={hook}")
    assert headers["authorization"] == "Key id:secret"
    assert json.loads(headers["x-fal-object-lifecycle-preference"]) == {
        "expiration_duration_seconds": 86_400
    }
    assert json.loads(body) == {
        "prompt": "a lamp",
        "image_size": "square",
        "seed": 7,
        "enable_safety_checker": True,
    }


@pytest.mark.parametrize(
    ("upstream", "inputs", "body"),
    [
        ("fal-ai/dia-tts", {"text": "own words"}, {"text": "own words"}),
        ("fal-ai/veo3", {"prompt": "own words"}, {"prompt": "own words"}),
        ("fal-ai/veo3", {}, {"prompt": "hi", "duration": "8", "aspect_ratio": "9:16"}),
    ],
)
def test_a_callers_own_fields_are_sent_as_they_are(vendor, fal, upstream, inputs, body):
    vendor.answer = says(200, created(vendor.base_url))
    fal.submit(SubmitRequest("job-1", upstream, {}, "hi", 8, aspect_ratio="9:16", inputs=inputs))
    assert json.loads(vendor.requests[0][3]) == body


def test_a_picture_decides_the_ratio(vendor, fal):
    vendor.answer = says(200, created(vendor.base_url))
    image = InputPicture("https://media.example/a.jpg?X-Amz-Signature=abc", bytes)
    order = SubmitRequest("job-1", "fal-ai/veo3", {}, "hi", 8, image=image, aspect_ratio="9:16",
                          native_audio=True)  # fmt: skip
    fal.submit(order)
    assert json.loads(vendor.requests[0][3]) == {
        "prompt": "hi",
        "image_url": image.url,
        "duration": "8",
        "generate_audio": True,
    }


@pytest.mark.parametrize(
    "upstream",
    ["", "flux", "fal-ai/", "/fal-ai/flux", "fal-ai/../flux", "fal-ai/flux?x=1", "fal-ai/flux#x",
     "fal-ai/flux//schnell", "fal-ai/flux/requests/1", "fal-ai/flux/%2e%2e", "a" * 200 + "/b",
     "fal-ai/flüx", "https://evil.example/x"],
)  # fmt: skip
def test_what_is_no_model_name_is_not_sent(vendor, fal, upstream):
    with pytest.raises(ProviderModelGone):
        fal.submit(SubmitRequest("job-1", upstream, {}, "hi", 5))
    assert vendor.requests == []


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"detail": "Bad"}, ProviderInvalidInput),
        (401, {"detail": "No user found for Key ID and Secret"}, ProviderAuth),
        (402, {}, ProviderQuota),
        (403, {"detail": "Forbidden"}, ProviderAuth),
        (403, {"detail": "User is locked. Reason: Admin lock."}, ProviderAuth),
        (403, {"detail": "User is locked. Reason: Exhausted balance. Top up."}, ProviderQuota),
        (403, {"detail": "User is locked. Reason: TOP_UP."}, ProviderQuota),
        (404, {"detail": "Application not found"}, ProviderModelGone),
        (404, b"<html>", ProviderModelGone),
        (410, {}, ProviderModelGone),
        (413, {}, ProviderInvalidInput),
        (422, {"detail": [{"loc": ["body"], "type": "missing"}]}, ProviderInvalidInput),
        (422, {"detail": [{"type": "content_policy_violation"}]}, ProviderContentPolicy),
        (429, {}, ProviderRateLimited),
        (503, {"detail": "Unavailable"}, ProviderUpstream),
    ],
)
def test_each_refusal_of_a_create_has_its_class(vendor, fal, status, body, error):
    vendor.answer = says(status, body, retry_after="9")
    with pytest.raises(error) as caught:
        fal.submit(REQUEST)
    assert type(caught.value) is error
    assert getattr(caught.value, "retry_after_seconds", 9) == 9
    assert "locked" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        says(500, {"detail": "Internal Server Error"}),
        says(502, b"<html>"),
        says(503, b"<html>"),
        says(504, {"detail": "Request timed out", "error_type": "request_timeout"}),
        says(302, b"", location="https://evil.example/"),
        says(200, b"<html>"),
        says(200, {}),
        says(200, {"request_id": 7}),
        says(200, {"request_id": "../../other"}),
        says(200, {"request_id": "x" * 129}),
        says(200, b"x" * (vendor_http.MAX_BODY_BYTES + 1)),
        lambda handler: handler.connection.shutdown(socket.SHUT_RDWR),
    ],
)
def test_a_create_that_may_exist_is_said_to(vendor, fal, answer):
    vendor.answer = answer
    with pytest.raises(SubmitUnknown):
        fal.submit(REQUEST)
    assert len(vendor.requests) == 1


def test_a_create_that_was_not_sent_is_known_not_to_exist():
    with pytest.raises(NotSent):
        Fal("http://127.0.0.1:9", "id:secret").submit(REQUEST)
    with pytest.raises(ProviderAuth):
        Fal("http://127.0.0.1:9", "").submit(REQUEST)


def test_the_vendors_own_urls_are_followed(vendor, fal):
    root = f"{vendor.base_url}/fal-ai/flux/requests/{ID}"
    urls = {"response_url": f"{root}/response", "status_url": f"{root}/status"}
    vendor.answer = says(200, created(vendor.base_url, **urls))
    task = fal.submit(REQUEST)
    vendor.answer = completed(200, {"images": [{"url": "https://v3.fal.media/a.jpg"}]})
    assert isinstance(fal.poll(task), Succeeded)
    assert [request[1] for request in vendor.requests[1:]] == [
        f"/_p/key{ROOT}/status?logs=1",
        f"/_p/key{ROOT}/response",
    ]


def test_the_models_last_lines_are_passed_on_without_addresses(vendor, fal):
    vendor.answer = says(200, created(vendor.base_url))
    task = fal.submit(REQUEST)
    lines = ["  40%|####  |", "at https://inside.example/x", "\x1b[31mred", "", "x" * 500, None, 7]
    logs = [*({"message": f"{n}"} for n in range(30)), *({"message": line} for line in lines), "x"]
    vendor.answer = says(200, {"status": "IN_PROGRESS", "request_id": ID, "logs": logs})
    pending = fal.poll(task)
    assert pending.is_running
    assert pending.logs[-2:] == ("40%|####  |", "x" * 200)
    assert len(pending.logs) == 14
    vendor.answer = says(200, {"status": "IN_PROGRESS", "request_id": ID, "logs": None})
    assert fal.poll(task).logs == ()


def test_a_host_of_the_vendor_may_answer_for_another():
    root = f"https://eu.queue.fal.run/fal-ai/flux/requests/{ID}"
    answer = created("https://eu.queue.fal.run")
    urls = urls_in(QUEUE, answer, usual_urls("fal-ai/flux/schnell", ID))
    assert urls == RequestUrls(root)
    assert read_handle(urls.handle(), ID) == urls


@pytest.mark.parametrize(
    "base",
    ["https://evil.example", "https://queue.fal.run.evil.example", "https://queue.fal.run@evil.example",
     "http://queue.fal.run.", "http://eu.fal.run", "https://fal.run:8443", "https://evil.example/fal.run",
     "//evil.example", "https://evilfal.run", "https://a@fal.run", "file://", "https://[::1", ""],
)  # fmt: skip
def test_urls_that_lead_elsewhere_give_way_to_the_documented_form(base):
    usual = usual_urls("fal-ai/flux/schnell", ID)
    told = urls_in(QUEUE, created(base), usual)
    assert told == usual == RequestUrls(ROOT)


@pytest.mark.parametrize(
    "changes",
    [
        {"status_url": None},
        {"status_url": f"{QUEUE}{ROOT}/../../other/status"},
        {"status_url": f"{QUEUE}{ROOT}/status?x=1"},
        {"status_url": f"{QUEUE}{ROOT}/status\r\nx: y"},
        {"cancel_url": f"{QUEUE}/fal-ai/other/requests/{ID}/cancel"},
        {"response_url": f"{QUEUE}/fal-ai/flux/requests/another"},
        {"response_url": ["https://evil.example"]},
        {"response_url": f"{QUEUE}/{'a/' * 1000}requests/{ID}"},
    ],
)
def test_odd_urls_give_way_to_the_documented_form(changes):
    answer = created(QUEUE, **changes)
    assert urls_in(QUEUE, answer, usual_urls("fal-ai/flux/schnell", ID)) == RequestUrls(ROOT)


def test_a_namespace_is_part_of_the_app():
    assert usual_urls("workflows/me/film/fast", ID).root == f"/workflows/me/film/requests/{ID}"


@pytest.mark.parametrize(
    "handle",
    ["", "x", "{}", "[]", '["/a/b/requests/other","/status","","/cancel"]', "[" * 100_000,
     json.dumps([f"https://evil.example{ROOT}", "/status", "", "/cancel"]),
     json.dumps([ROOT, "/../x", "", "/cancel"]), json.dumps([ROOT, "/status", "", 7]),
     json.dumps([ROOT, "/status"]), json.dumps([7, "/status", "", "/cancel"])],
)  # fmt: skip
def test_a_handle_that_is_not_this_tasks_is_not_followed(vendor, fal, handle):
    for ask in (fal.poll, fal.cancel):
        with pytest.raises(ProviderUpstream):
            ask(VendorTask(ID, handle))
    assert vendor.requests == []


@pytest.mark.parametrize(
    ("body", "pending"),
    [
        ({"status": "IN_QUEUE", "queue_position": 3}, Pending(queue_position=3)),
        ({"status": "IN_QUEUE", "queue_position": -1}, Pending()),
        ({"status": "IN_QUEUE", "queue_position": True}, Pending()),
        ({"status": "IN_QUEUE", "queue_position": 10**30}, Pending()),
        ({"status": "IN_QUEUE", "queue_position": "3"}, Pending()),
        ({"status": "IN_PROGRESS", "logs": None}, Pending(is_running=True)),
        ({"status": "SOMETHING_NEW"}, Pending()),
        ({"status": {"x": 1}}, Pending()),
        ({}, Pending()),
    ],
)
def test_a_request_under_way_is_pending(vendor, fal, body, pending):
    vendor.answer = says(202, body)
    assert fal.poll(TASK) == pending


@pytest.mark.parametrize(
    ("output", "urls"),
    [
        ({"images": [{"url": "https://a.fal.media/1"}, {"url": "https://a.fal.media/2"}]}, 2),
        ({"video": {"url": "https://a.fal.media/1"}}, 1),
        ({"audio_file": {"url": "https://a.fal.media/1"}}, 1),
        ({"video_url": "https://a.fal.media/1", "thumbnail_url": "https://a.fal.media/2"}, 2),
        ({"mask": {"url": "https://a.fal.media/2"}, "image": {"url": "https://a.fal.media/1"}}, 2),
        ({"text": "words"}, 0),
        ({"images": [{"url": "data:image/png;base64,AAAA"}, {"url": 7}, "x", None]}, 0),
        ({"images": [{"url": "https://a.fal.media/" + "x" * 5000}]}, 0),
        ({"video": {"url": "file:///etc/passwd"}}, 0),
        ({"images": [{"url": f"https://a.fal.media/{n}"} for n in range(1, 900)]}, 50),
    ],
)
def test_a_result_has_the_files_best_first(vendor, fal, output, urls):
    vendor.answer = completed(200, output)
    result = fal.poll(TASK)
    assert isinstance(result, Succeeded)
    assert result.urls == tuple(f"https://a.fal.media/{n}" for n in range(1, urls + 1))
    assert result.output == output


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (422, {"detail": [{"type": "content_policy_violation"}]}, ProviderContentPolicy),
        (400, {"detail": [{"type": "content_policy_violation"}]}, ProviderContentPolicy),
        (422, {"detail": [{"type": "missing"}]}, ProviderInvalidInput),
        (422, {"detail": [7, None, {"type": ["x"]}]}, ProviderInvalidInput),
        (422, {"detail": "content_policy_violation"}, ProviderInvalidInput),
        (400, {"detail": "Bad"}, ProviderInvalidInput),
        (400, {"detail": [{"type": "downstream_service_error"}]}, ProviderUpstream),
        (404, {"detail": "Path /x not found"}, ProviderModelGone),
        (405, {"detail": "Method Not Allowed"}, ProviderModelGone),
        (499, {"detail": "x", "error_type": "client_cancelled"}, ProviderUpstream),
        (500, {"detail": [{"type": "internal_server_error"}]}, ProviderUpstream),
        (500, {"detail": "Internal Server Error"}, ProviderUpstream),
        (503, {"detail": "x", "error_type": "runner_disconnected"}, ProviderUpstream),
        (504, {"detail": "x", "error_type": "startup_timeout"}, ProviderTimeout),
        (504, {"detail": [{"type": "generation_timeout"}]}, ProviderTimeout),
        (504, {}, ProviderTimeout),
        (200, {}, ProviderUpstream),
    ],
)
def test_each_failure_has_its_class(vendor, fal, status, body, error):
    vendor.answer = completed(status, body)
    result = fal.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is error


def test_the_status_may_name_the_error_that_the_result_does_not(vendor, fal):
    vendor.answer = completed(500, {"detail": "x"}, error="x", error_type="request_timeout")
    result = fal.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is ProviderTimeout


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(401, {}), ProviderAuth),
        (says(403, {"detail": "User is locked. Reason: Exhausted balance."}), ProviderQuota),
        (says(429, {}), ProviderRateLimited),
        (says(404, {}), ProviderUpstream),
        (says(500, b"x"), ProviderUpstream),
        (says(200, b"<html>"), ProviderUpstream),
        (says(200, b"[]"), ProviderUpstream),
        (says(200, {"status": "COMPLETED", "request_id": "another"}), ProviderUpstream),
        (says(200, b"[" * 200_000), ProviderUpstream),
        (completed(429, {}), ProviderRateLimited),
        (completed(401, {}), ProviderAuth),
        (completed(502, b"<html>"), ProviderUpstream),
        (completed(200, b"<html>"), ProviderUpstream),
        (completed(302, {}), ProviderUpstream),
        (completed(200, b"x" * 4_100_000), ProviderTimeout),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), ProviderTimeout),
    ],
)
def test_an_answer_without_a_result_is_no_verdict(vendor, fal, answer, error):
    vendor.answer = answer
    with pytest.raises(error) as caught:
        fal.poll(TASK)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("status", "is_stopped"), [(202, True), (200, True), (400, False), (404, False)]
)
def test_a_request_is_stopped_there(vendor, fal, status, is_stopped):
    vendor.answer = says(status, {})
    assert fal.cancel(TASK) is is_stopped
    assert vendor.requests[0][:2] == ("PUT", f"/_p/key{ROOT}/cancel")


def test_a_cancel_that_fails_raises_its_error(vendor, fal):
    vendor.answer = says(500, {})
    with pytest.raises(ProviderUpstream):
        fal.cancel(TASK)


def test_a_reported_request_is_found_if_the_vendor_knows_it(vendor, fal):
    vendor.answer = says(202, {"status": "IN_QUEUE", "queue_position": 0})
    assert fal.find(LOOKUP) == TASK
    vendor.answer = says(404, {})
    assert fal.find(LOOKUP) is None
    vendor.answer = says(500, {})
    with pytest.raises(ProviderUpstream):
        fal.find(LOOKUP)


@pytest.mark.parametrize("told", [None, "", "../../x", "a/b", "x" * 129, "é"])
def test_nothing_is_asked_about_an_id_that_is_none(vendor, fal, told):
    assert fal.find(Lookup("job-1", 0, upstream="fal-ai/flux", reported_task_id=told)) is None
    assert fal.find(Lookup("job-1", 0, upstream="../x", reported_task_id=ID)) is None
    assert vendor.requests == []
