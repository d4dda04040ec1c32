import gzip
import json
import socket
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

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
from showreel.providers.replicate.predictions import Replicate

WAN = "wavespeedai/wan-2.1-i2v-720p"
GEN4 = "runwayml/gen4-turbo"
KLING3 = "kwaivgi/kling-v3-video"
KLING16 = "kwaivgi/kling-v1.6-pro"
TASK = VendorTask("abc42", "/v1/predictions")
SENT_AT = 1_790_000_000


def picture(name):
    return InputPicture(f"https://media.example/{name}?X-Amz-Signature=1", lambda: b"")


def order(**changes):
    usual = {
        "external_id": "job-1",
        "upstream": GEN4,
        "parameters": {},
        "prompt": "slow dolly in",
        "duration_seconds": 5,
        "image": picture("a.jpg"),
        "aspect_ratio": "16:9",
    }
    return SubmitRequest(**(usual | changes))


@pytest.fixture
def replicate(vendor):
    yield Replicate(vendor.base_url, "r8-token")
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


def prediction(**changes):
    return {
        "id": "abc42",
        "model": GEN4,
        "status": "starting",
        "input": {"prompt": "slow dolly in", "image": "https://media.example/a.jpg?other=1"},
        "created_at": when(1),
        "output": None,
        "error": None,
    } | changes


def when(seconds_after):
    moment = datetime.fromtimestamp(SENT_AT + seconds_after, UTC)
    return moment.isoformat().replace("+00:00", "Z")


def lookup(**changes):
    known = {
        "external_id": "job-1",
        "sent_at_seconds": SENT_AT,
        "upstream": GEN4,
        "prompt": "slow dolly in",
        "image_path": "/a.jpg",
    }
    return Lookup(**(known | changes))


def submitted(vendor, replicate, **changes):
    vendor.answer = says(201, prediction())
    replicate.submit(order(**changes))
    return json.loads(vendor.requests[-1][3])


def test_a_create_is_sent_as_the_vendor_documents_it(vendor, replicate):
    vendor.answer = says(201, prediction())
    hook = "https://api.example/webhooks/replicate?job=job"
    assert replicate.submit(order(callback_url=hook, parameters={"seed": 3})) == TASK
    method, path, headers, body = vendor.requests[0]
    assert (method, path) == ("POST", f"/_p/key/v1/models/{GEN4}/predictions")
    assert headers["authorization"] == "Bearer r8-token"
    assert json.loads(body) == {
        "input": {
            "prompt": "slow dolly in",
            "image": "https://media.example/a.jpg?X-Amz-Signature=1",
            "duration": 5,
            "aspect_ratio": "16:9",
            "seed": 3,
        },
        "webhook": hook,
        "webhook_events_filter": ["completed"],
    }


def test_a_pinned_version_goes_into_the_body(vendor, replicate):
    body = submitted(vendor, replicate, upstream=f"{GEN4}:e0f1")
    assert vendor.requests[0][1] == "/_p/key/v1/predictions"
    assert body["version"] == "e0f1"
    assert "webhook" not in body


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        (
            {"upstream": WAN, "parameters": {"fast_mode": "Balanced"}},
            {
                "image": picture("a.jpg").url,
                "num_frames": 81,
                "frames_per_second": 16,
                "max_area": "1280x720",
                "aspect_ratio": "16:9",
                "fast_mode": "Balanced",
            },
        ),
        (
            {"upstream": WAN, "duration_seconds": 10, "aspect_ratio": "9:16"},
            {
                "image": picture("a.jpg").url,
                "num_frames": 100,
                "frames_per_second": 16,
                "max_area": "720x1280",
                "aspect_ratio": "9:16",
            },
        ),
        (
            {"upstream": KLING3, "end_image": picture("b.jpg"), "native_audio": True},
            {
                "start_image": picture("a.jpg").url,
                "end_image": picture("b.jpg").url,
                "duration": 5,
                "mode": "pro",
                "generate_audio": True,
            },
        ),
        (
            {"upstream": KLING3, "image": None, "resolution": "720p"},
            {"duration": 5, "aspect_ratio": "16:9", "mode": "standard", "generate_audio": False},
        ),
        (
            {"upstream": KLING3, "parameters": {"mode": "standard"}},
            {
                "start_image": picture("a.jpg").url,
                "duration": 5,
                "mode": "standard",
                "generate_audio": False,
            },
        ),
        (
            {"upstream": KLING16, "parameters": {"cfg_scale": 0.7}},
            {"start_image": picture("a.jpg").url, "duration": 5, "cfg_scale": 0.7},
        ),
        (
            {"upstream": "somebody/new-model"},
            {"image": picture("a.jpg").url, "duration": 5, "aspect_ratio": "16:9"},
        ),
    ],
)
def test_each_model_gets_its_own_fields(vendor, replicate, changes, given):
    body = submitted(vendor, replicate, **changes)
    assert body == {"input": {"prompt": "slow dolly in", **given}}


def test_an_end_picture_is_never_dropped_silently(vendor, replicate):
    with pytest.raises(ProviderInvalidInput):
        replicate.submit(order(upstream=WAN, end_image=picture("b.jpg")))
    assert vendor.requests == []


@pytest.mark.parametrize(
    "upstream", ["", "wan", "a/b/c", "../x", "a/..", "a/b?x", "ä/b", "a/b:c d"]
)
def test_what_is_no_name_of_a_model_is_not_asked_for(vendor, replicate, upstream):
    with pytest.raises(ProviderModelGone):
        replicate.submit(order(upstream=upstream))
    assert vendor.requests == []


PROBLEM = {"title": "secret vendor text", "detail": "secret vendor text", "status": 0}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderInvalidInput),
        (401, ProviderAuth),
        (402, ProviderQuota),
        (403, ProviderAuth),
        (404, ProviderModelGone),
        (422, ProviderInvalidInput),
        (429, ProviderRateLimited),
        (503, ProviderUpstream),
        (302, SubmitUnknown),
        (408, SubmitUnknown),
        (409, SubmitUnknown),
        (500, SubmitUnknown),
        (502, SubmitUnknown),
        (504, SubmitUnknown),
    ],
)
def test_create_errors_have_their_class(vendor, replicate, status, error):
    vendor.answer = says(status, PROBLEM)
    with pytest.raises(ProviderError) as caught:
        replicate.submit(order())
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)
    assert len(vendor.requests) == 1


def test_a_page_of_503_may_come_from_before_or_behind_the_vendor(vendor, replicate):
    vendor.answer = says(503, b"<html>Service unavailable</html>")
    with pytest.raises(SubmitUnknown):
        replicate.submit(order())


def test_a_pinned_version_that_is_not_there_is_gone(vendor, replicate):
    vendor.answer = says(422, PROBLEM)
    with pytest.raises(ProviderModelGone):
        replicate.submit(order(upstream=f"{GEN4}:e0f1"))
    vendor.answer = says(422, PROBLEM | {"invalid_fields": []})
    with pytest.raises(ProviderInvalidInput):
        replicate.submit(order(upstream=f"{GEN4}:e0f1"))


@pytest.mark.parametrize(
    ("header", "detail", "seconds"),
    [
        ("7", "Request was throttled. Your rate limit resets in ~30s.", 7.0),
        ("", "Request was throttled. Your rate limit resets in ~30s.", 30.0),
        ("", "Request was throttled. Expected available in 2 seconds.", 2.0),
        ("", "Your rate limit resets in ~9999s.", 600.0),
        ("", "Slow down.", None),
        ("", ["in 3s"], None),
        ("", None, None),
    ],
)
def test_a_throttled_create_says_how_long_to_wait(vendor, replicate, header, detail, seconds):
    vendor.answer = says(429, {"detail": detail}, retry_after=header)
    with pytest.raises(ProviderRateLimited) as caught:
        replicate.submit(order())
    assert caught.value.retry_after_seconds == seconds


HOSTILE = [
    b"<html>Bad gateway</html>",
    b"",
    b"[]",
    b"null",
    b"[" * 100_000,
    b'{"id": 42}',
    b'{"id": ""}',
    b'{"id": "../models"}',
    b'{"id": "ABC"}',
    b'{"id": "' + b"a" * 65 + b'"}',
    b'{"id": ["abc42"]}',
    b"\xff\xfe" * 10,
    gzip.compress(b'{"id":"abc42"}'),
    b"x" * 1_100_000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_create_answered_by_nonsense_may_exist(vendor, replicate, body):
    vendor.answer = says(201, body)
    with pytest.raises(SubmitUnknown):
        replicate.submit(order())
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_reading_nonsense_is_a_vendor_error(vendor, replicate, body):
    vendor.answer = says(200, body)
    for read in (replicate.poll, replicate.cancel):
        with pytest.raises((ProviderUpstream, ProviderTimeout)):
            read(TASK)
    with pytest.raises((ProviderUpstream, ProviderTimeout)):
        replicate.find(lookup(reported_task_id="abc42"))


def test_a_dropped_reply_is_not_repeated(vendor, replicate):
    def drop(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    vendor.answer = drop
    with pytest.raises(SubmitUnknown):
        replicate.submit(order())
    assert len(vendor.requests) == 1


def test_an_unreachable_vendor_was_sent_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        Replicate(f"http://127.0.0.1:{port}", "t").submit(order())
    assert not isinstance(caught.value, SubmitUnknown)


def test_without_a_token_nothing_is_sent(vendor):
    with pytest.raises(ProviderAuth):
        Replicate(vendor.base_url, "").submit(order())
    assert vendor.requests == []


@pytest.mark.parametrize("task_id", ["../x", "a/b", "a?b", "", "A", "a" * 65])
def test_ids_are_checked_before_they_go_into_a_path(vendor, replicate, task_id):
    for read in (replicate.poll, replicate.cancel):
        with pytest.raises(ProviderUpstream):
            read(VendorTask(task_id, "/v1/predictions"))
    assert vendor.requests == []


@pytest.mark.parametrize("status", ["starting", "processing", "resting", None, 7, [], {}, "X" * 99])
def test_unknown_statuses_are_pending(vendor, replicate, status):
    vendor.answer = says(200, prediction(status=status))
    assert replicate.poll(TASK) == Pending(is_running=status == "processing")
    assert vendor.requests[0][1] == "/_p/key/v1/predictions/abc42"


@pytest.mark.parametrize(
    ("output", "urls"),
    [
        ("https://replicate.delivery/a.mp4", ("https://replicate.delivery/a.mp4",)),
        (["https://x.replicate.delivery/a.mp4", 5, None, ""], None),
    ],
)
def test_a_success_has_urls(vendor, replicate, output, urls):
    vendor.answer = says(200, prediction(status="succeeded", output=output))
    assert replicate.poll(TASK) == Succeeded(urls or tuple(output[:1]))


@pytest.mark.parametrize("output", [None, [], {}, {"video": "https://x"}, [{}], 7, "u" * 5000])
def test_a_success_without_a_result_failed(vendor, replicate, output):
    vendor.answer = says(200, prediction(status="succeeded", output=output))
    assert isinstance(replicate.poll(TASK), Failed)


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        ("failed", "It was flagged as sensitive. Try others. (E005)", ProviderContentPolicy),
        ("failed", "It was flagged as sensitive. (E005) (uIJ6l3ruRD)", ProviderContentPolicy),
        ("failed", "E005: refused", ProviderContentPolicy),
        ("failed", "Invalid input (E006)", ProviderInvalidInput),
        ("failed", "Service is temporarily unavailable. (E004)", ProviderUpstream),
        ("failed", "E6716 timeout", ProviderUpstream),
        ("failed", "flagged as sensitive, said a prompt about E005", ProviderUpstream),
        ("failed", None, ProviderUpstream),
        ("failed", {"code": "E005"}, ProviderUpstream),
        ("canceled", None, ProviderUpstream),
        ("aborted", None, ProviderUpstream),
    ],
)
def test_failures_have_a_class_by_their_code(vendor, replicate, status, text, error):
    vendor.answer = says(200, prediction(status=status, error=text))
    result = replicate.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is error
    assert "sensitive" not in str(result.error)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ProviderAuth),
        (404, ProviderUpstream),
        (429, ProviderRateLimited),
        (500, ProviderUpstream),
    ],
)
def test_a_failed_reading_is_no_verdict(vendor, replicate, status, error):
    vendor.answer = says(status, PROBLEM)
    with pytest.raises(error):
        replicate.poll(TASK)


@pytest.mark.parametrize(
    ("status", "body", "stopped"),
    [
        (200, prediction(status="canceled"), True),
        (200, prediction(status="processing"), True),
        (200, prediction(status="succeeded"), False),
        (200, prediction(status=[]), False),
        (404, PROBLEM, False),
        (409, PROBLEM, False),
    ],
)
def test_cancel_returns_whether_it_stopped(vendor, replicate, status, body, stopped):
    vendor.answer = says(status, body)
    assert replicate.cancel(TASK) is stopped
    assert vendor.requests[0][:2] == ("POST", "/_p/key/v1/predictions/abc42/cancel")


def page(*predictions, next_url=None):
    return {"previous": None, "next": next_url, "results": list(predictions)}


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "somebody/else"},
        {"model": None},
        {"input": None},
        {"input": {}},
        {"input": {"prompt": "slow dolly in"}},
        {"input": {"prompt": "other", "image": "https://media.example/a.jpg"}},
        {"input": {"prompt": "slow dolly in", "image": "https://media.example/b.jpg"}},
        {"input": {"prompt": "slow dolly in", "image": ["https://media.example/a.jpg"]}},
        {"input": {"prompt": "slow dolly in", "image": "https://[/a.jpg"}},
        {"id": "../x"},
        {"webhook": "https://api.example/webhooks/replicate?attempt=other-1&signature=x"},
        {"created_at": when(-61)},
        {"created_at": when(121)},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"created_at": 7},
    ],
)
def test_only_what_fits_is_found(vendor, replicate, changes):
    vendor.answer = says(200, page(prediction(**changes), "nonsense", None, []))
    assert replicate.find(lookup()) is None
    vendor.answer = says(200, page(prediction(**changes), prediction(id="b1")))
    assert replicate.find(lookup()) == VendorTask("b1", "/v1/predictions")


def test_the_first_after_the_create_is_taken(vendor, replicate):
    later, ours, before = (
        prediction(id=name, created_at=when(seconds))
        for name, seconds in [("later", 40), ("ours", 2), ("before", -1)]
    )
    vendor.answer = says(200, page(later, ours, before))
    assert replicate.find(lookup()) == VendorTask("ours", "/v1/predictions")
    vendor.answer = says(200, page(before))
    assert replicate.find(lookup()) == VendorTask("before", "/v1/predictions")


def test_a_job_from_words_alone_is_found(vendor, replicate):
    given = {"prompt": "slow dolly in"}
    vendor.answer = says(200, page(prediction(model=KLING3, input=given)))
    wanted = lookup(upstream=f"{KLING3}:e0f1", image_path=None)
    assert replicate.find(wanted) == TASK


def test_pages_are_read_until_they_are_too_old(vendor, replicate):
    def answer(handler):
        cursor = parse_qs(urlsplit(handler.path).query).get("cursor", ["0"])[0]
        number = int(cursor)
        elsewhere = f"https://evil.example/v9/other?cursor={number + 1}&x=/"
        entry = prediction(id=f"n{number}", created_at=when(50 - 40 * number), model="a/b")
        says(200, page(entry, next_url=elsewhere))(handler)

    vendor.answer = answer
    assert replicate.find(lookup()) is None
    assert [path for _, path, *_ in vendor.requests] == [
        "/_p/key/v1/predictions",
        *[f"/_p/key/v1/predictions?cursor={number}" for number in (1, 2, 3)],
    ]


def test_endless_pages_end(vendor, replicate):
    again = "https://api.replicate.com/v1/predictions?cursor=x"
    vendor.answer = says(200, page(prediction(model="a/b"), next_url=again))
    assert replicate.find(lookup()) is None
    assert len(vendor.requests) == 10


@pytest.mark.parametrize(
    "next_url",
    ["https://a/?cursor=../../x?y", "https://[", 7, "", "https://a/?cursor=" + "a" * 600],
)
def test_strange_cursors_are_not_followed(vendor, replicate, next_url):
    vendor.answer = says(200, page(prediction(model="a/b"), next_url=next_url))
    assert replicate.find(lookup()) is None
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("body", [{}, {"results": {}}, {"results": None}])
def test_a_list_of_another_shape_is_not_an_absence(vendor, replicate, body):
    vendor.answer = says(200, body)
    with pytest.raises(ProviderUpstream):
        replicate.find(lookup())


def test_long_pages_are_read_and_endless_ones_are_not(vendor, replicate):
    filler = prediction(model="a/b", input={"image": "data:" + "a" * 2_000_000})
    vendor.answer = says(200, page(filler, prediction()))
    assert replicate.find(lookup()) == TASK
    vendor.answer = says(200, b" " * 8_100_000)
    with pytest.raises(ProviderTimeout):
        replicate.find(lookup())


def test_the_id_that_a_webhook_reported_is_verified_too(vendor, replicate):
    def answer(handler):
        is_list = handler.path.endswith("/predictions")
        told = prediction(id="told", model="a/b")
        says(200, page(prediction()) if is_list else told)(handler)

    vendor.answer = answer
    assert replicate.find(lookup(reported_task_id="told")) == TASK
    vendor.answer = says(200, prediction(id="told"))
    assert replicate.find(lookup(reported_task_id="told")) == VendorTask("told", "/v1/predictions")


def test_a_reported_id_goes_into_no_path_unchecked(vendor, replicate):
    vendor.answer = says(200, page())
    assert replicate.find(lookup(reported_task_id="../account")) is None
    assert [path for _, path, *_ in vendor.requests] == ["/_p/key/v1/predictions"]
