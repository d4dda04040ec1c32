import gzip
import json
import socket
import time

import jwt
import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
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
from showreel.providers.http import NotSent, http_client
from showreel.providers.kling.videos import Kling

REQUEST = SubmitRequest(
    external_id="job-1",
    upstream="kling-v2-6",
    parameters={"mode": "pro"},
    prompt="slow dolly in",
    duration_seconds=5,
    image=InputPicture("https://media.example/a.jpg", bytes),
    end_image=InputPicture("https://media.example/b.jpg", bytes),
    aspect_ratio="9:16",
    callback_url="https://api.example/webhooks/kling?job=job",
)
TASK = VendorTask("42", "/v1/videos/image2video")
LOOKUP = Lookup("job-1", sent_at_seconds=1_780_000_000, image_path="/a.jpg")


@pytest.fixture
def kling(vendor):
    yield Kling(vendor.base_url, "k-1")
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


def created(task_id: object = "42"):
    return {"code": 0, "message": "SUCCEED", "data": {"task_id": task_id}}


def state(status, **data):
    return {"code": 0, "data": {"task_id": "42", "task_status": status, **data}}


def test_a_create_is_sent_as_the_vendor_documents_it(vendor, kling):
    vendor.answer = says(200, created())
    task = kling.submit(REQUEST)
    method, path, headers, body = vendor.requests[0]
    assert task == TASK
    assert (method, path) == ("POST", "/_p/key/v1/videos/image2video")
    assert headers["authorization"] == "Bearer k-1"
    assert json.loads(body) == {
        "model_name": "kling-v2-6",
        "mode": "pro",
        "prompt": "slow dolly in",
        "duration": "5",
        "sound": "off",
        "image": "https://media.example/a.jpg",
        "image_tail": "https://media.example/b.jpg",
        "external_task_id": "job-1",
        "callback_url": "https://api.example/webhooks/kling?job=job",
    }


def test_only_text_to_video_sends_a_ratio(vendor, kling):
    vendor.answer = says(200, created())
    request = SubmitRequest("job-1", "kling-v3", {}, "a house", 5, aspect_ratio="1:1")
    assert kling.submit(request).handle == "/v1/videos/text2video"
    assert json.loads(vendor.requests[0][3])["aspect_ratio"] == "1:1"


def test_without_an_api_key_a_token_is_signed(vendor, kling):
    vendor.answer = says(200, state("submitted"))
    secret = "s" * 32
    kling = Kling(vendor.base_url, access_key="ak", secret_key=secret)
    kling.poll(TASK)
    token = vendor.requests[0][2]["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, secret, algorithms=["HS256"], issuer="ak")
    assert claims["exp"] - claims["nbf"] == 1805
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, 1000, ProviderAuth),
        (401, 1004, ProviderAuth),
        (429, 1101, ProviderQuota),
        (429, 1102, ProviderQuota),
        (403, 1103, ProviderAuth),
        (429, 1304, ProviderAuth),
        (400, 1201, ProviderInvalidInput),
        (400, 1300, ProviderContentPolicy),
        (400, 1301, ProviderContentPolicy),
        (404, 1203, ProviderModelGone),
        (429, 1302, ProviderRateLimited),
        (429, 1303, ProviderRateLimited),
        (500, 5000, ProviderUpstream),
        (503, 5001, ProviderUpstream),
        (504, 5002, SubmitUnknown),
        (200, 1303, ProviderRateLimited),
        (500, 987654, ProviderUpstream),
    ],
)
def test_create_errors_are_distinguished_by_code(vendor, kling, status, code, error):
    vendor.answer = says(status, {"code": code, "message": "secret vendor text"})
    with pytest.raises(ProviderError) as caught:
        kling.submit(REQUEST)
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("garbage", None), ("99999", 600.0), ("", None), ("-4", None)],
)
def test_retry_after_is_honoured(vendor, kling, header, seconds):
    vendor.answer = says(429, {"code": 1302}, retry_after=header)
    with pytest.raises(ProviderRateLimited) as caught:
        kling.submit(REQUEST)
    assert caught.value.retry_after_seconds == seconds


HOSTILE = [
    b"<html>Bad gateway</html>",
    b"",
    b"[]",
    b"null",
    b"[" * 100_000,
    b'{"code": "0", "data": []}',
    b'{"code": 0, "data": []}',
    b'{"code": 0, "data": {"task_id": 42}}',
    b'{"code": 0, "data": {"task_id": "../../x"}}',
    b'{"code": 0, "data": {"task_id": ""}}',
    b'{"code": 0, "data": {"task_id": "..\\n"}}',
    b"\xff\xfe" * 10,
    b"x" * 1_100_000,
    gzip.compress(b'{"code":0}'),
]


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_create_answered_by_nonsense_may_exist(vendor, kling, status, body):
    vendor.answer = says(status, body)
    with pytest.raises((SubmitUnknown, ProviderUpstream)) as caught:
        kling.submit(REQUEST)
    if status == 200:
        assert isinstance(caught.value, SubmitUnknown)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("body", HOSTILE[:7] + HOSTILE[11:], ids=range(10))
def test_a_poll_answered_by_nonsense_is_a_vendor_error(vendor, kling, body):
    vendor.answer = says(200, body)
    with pytest.raises((ProviderUpstream, ProviderTimeout)):
        kling.poll(TASK)


def test_a_dropped_reply_is_not_repeated(vendor, kling):
    def drop(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    vendor.answer = drop
    with pytest.raises(SubmitUnknown):
        kling.submit(REQUEST)
    assert len(vendor.requests) == 1


def test_a_slow_drip_ends_in_time(vendor, kling, monkeypatch):
    monkeypatch.setattr(vendor_http, "TOTAL_SECONDS", 0.2)

    def drip(handler):
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        for _ in range(20):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    vendor.answer = drip
    with pytest.raises(SubmitUnknown):
        kling.submit(REQUEST)


def test_an_unreachable_vendor_was_sent_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        Kling(f"http://127.0.0.1:{port}", "k").submit(REQUEST)
    assert caught.value.retryable
    assert not isinstance(caught.value, SubmitUnknown)


@pytest.mark.parametrize("status", ["submitted", "processing", "resting", None, 7])
def test_unknown_statuses_are_pending(vendor, kling, status):
    vendor.answer = says(200, state(status))
    assert kling.poll(TASK) == Pending()
    assert vendor.requests[0][1] == "/_p/key/v1/videos/image2video/42"


def test_a_success_has_urls(vendor, kling):
    videos = [{"url": "https://v.klingai.com/a.mp4"}, {"url": 5}, "x", {"url": ""}]
    vendor.answer = says(200, state("succeed", task_result={"videos": videos}))
    assert kling.poll(TASK) == Succeeded(("https://v.klingai.com/a.mp4",))


@pytest.mark.parametrize("result", [None, [], {}, {"videos": None}, {"videos": [{}]}])
def test_a_success_without_a_result_failed(vendor, kling, result):
    vendor.answer = says(200, state("succeed", task_result=result))
    assert isinstance(kling.poll(TASK), Failed)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Generation failed", ProviderUpstream),
        (None, ProviderUpstream),
        ("Failure to pass the risk control system", ProviderContentPolicy),
    ],
)
def test_failures_have_a_class(vendor, kling, message, error):
    vendor.answer = says(200, state("failed", task_status_msg=message))
    result = kling.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is error


def test_a_lost_create_is_found_by_our_own_id(vendor, kling):
    vendor.answer = says(200, state("processing"))
    assert kling.find(LOOKUP) == TASK
    assert vendor.requests[0][1] == "/_p/key/v1/videos/image2video/job-1"


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, {"code": 1203}), (400, {"code": 1201}), (200, {"code": 0, "data": None})],
)
def test_a_create_that_never_arrived_is_not_found(vendor, kling, status, body):
    vendor.answer = says(status, body)
    assert kling.find(LOOKUP) is None


@pytest.mark.parametrize(("status", "body"), [(500, {"code": 5000}), (404, b"<html>"), (200, b"")])
def test_a_look_up_without_an_answer_is_not_an_absence(vendor, kling, status, body):
    vendor.answer = says(status, body)
    with pytest.raises(ProviderError):
        kling.find(LOOKUP)


@pytest.mark.parametrize("task_id", [None, 42, "../x", "a\nb", "", "9" * 200])
def test_a_look_up_that_names_no_task_is_not_an_absence(vendor, kling, task_id):
    vendor.answer = says(200, {"code": 0, "data": {"task_id": task_id, "task_status": "submitted"}})
    with pytest.raises(ProviderUpstream):
        kling.find(LOOKUP)


def test_words_alone_are_looked_up_among_their_like(vendor, kling):
    vendor.answer = says(200, state("processing"))
    task = kling.find(Lookup("job-1", sent_at_seconds=1_780_000_000))
    assert task == VendorTask("42", "/v1/videos/text2video")


def test_without_any_key_nothing_is_sent(vendor):
    with pytest.raises(ProviderAuth):
        Kling(vendor.base_url).submit(REQUEST)
    assert vendor.requests == []


def test_kling_cannot_cancel(kling):
    assert kling.cancel(TASK) is False
