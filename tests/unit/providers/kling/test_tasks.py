import json
import socket

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
from showreel.providers import errors
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
from showreel.providers.kling.tasks import KlingTasks

TASK = VendorTask("901349125802336344", "/tasks")
LOOKUP = Lookup("job-1", sent_at_seconds=1_780_000_000, image_path="/a.jpg")
FIRST = InputPicture("https://media.example/a.jpg", bytes)
LAST = InputPicture("https://media.example/b.jpg", bytes)


@pytest.fixture
def kling(vendor):
    yield KlingTasks(vendor.base_url, "k-1")
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


def request(**changes):
    usual = {
        "external_id": "job-1",
        "upstream": "kling-3.0",
        "parameters": {},
        "prompt": "slow dolly in",
        "duration_seconds": 5,
        "image": FIRST,
        "callback_url": "https://api.example/webhooks/kling-tasks?job=job",
    }
    return SubmitRequest(**(usual | changes))


def created(task_id: object = TASK.task_id):
    return {"code": 0, "message": "SUCCEED", "data": {"id": task_id, "status": "submitted"}}


def listed(status, **more):
    return {"code": 0, "data": [{"id": TASK.task_id, "status": status, **more}]}


def sent(vendor, kling, **changes):
    """The path and the body of a create."""
    vendor.answer = says(200, created())
    kling.submit(request(**changes))
    method, path, _, body = vendor.requests[-1]
    assert method == "POST"
    return path.removeprefix("/_p/key"), json.loads(body)


def test_a_create_is_sent_as_the_vendor_documents_it(vendor, kling):
    path, body = sent(vendor, kling, end_image=LAST, aspect_ratio="9:16")
    assert path == "/image-to-video/kling-3.0"
    assert vendor.requests[0][2]["authorization"] == "Bearer k-1"
    assert body == {
        "contents": [
            {"type": "prompt", "text": "slow dolly in"},
            {"type": "first_frame", "url": "https://media.example/a.jpg"},
            {"type": "last_frame", "url": "https://media.example/b.jpg"},
        ],
        "settings": {"resolution": "1080p", "duration": 5, "audio": "off", "multi_shot": False},
        "options": {
            "external_task_id": "job-1",
            "watermark_info": {"enabled": False},
            "callback_url": "https://api.example/webhooks/kling-tasks?job=job",
        },
    }


def test_the_task_is_the_vendors_id(vendor, kling):
    vendor.answer = says(200, created())
    assert kling.submit(request()) == TASK


def test_words_alone_have_a_ratio_and_no_contents(vendor, kling):
    path, body = sent(vendor, kling, image=None, aspect_ratio="1:1", callback_url=None)
    assert path == "/text-to-video/kling-3.0"
    assert body["prompt"] == "slow dolly in"
    assert body["settings"]["aspect_ratio"] == "1:1"
    assert "contents" not in body
    assert "callback_url" not in body["options"]


@pytest.mark.parametrize(
    ("upstream", "changes", "settings"),
    [
        ("kling-3.0", {"native_audio": True}, {"audio": "native", "multi_shot": False}),
        ("kling-3.0-turbo", {"native_audio": True}, {}),
        ("kling-2.6", {"native_audio": True}, {"audio": "native"}),
        ("kling-2.6", {}, {"audio": "off"}),
        ("kling-2.5-turbo", {}, {}),
        ("kling-9", {}, {}),
        ("kling-3.0", {"parameters": {"resolution": "4k"}}, {"resolution": "4k"}),
    ],
)
def test_each_model_gets_the_settings_it_has(vendor, kling, upstream, changes, settings):
    _, body = sent(vendor, kling, upstream=upstream, **changes)
    usual = {"resolution": "1080p", "duration": 5}
    if upstream == "kling-3.0":
        usual |= {"audio": "off", "multi_shot": False}
    assert body["settings"] == usual | settings


@pytest.mark.parametrize(
    ("changes", "resolution"),
    [
        ({"upstream": "kling-2.6"}, "720p"),
        ({"upstream": "kling-2.6", "end_image": LAST}, "1080p"),
        ({"upstream": "kling-2.6", "native_audio": True}, "1080p"),
        ({"upstream": "kling-2.5-turbo", "end_image": LAST}, "1080p"),
        ({"upstream": "kling-3.0", "end_image": LAST, "native_audio": True}, "720p"),
    ],
)
def test_what_a_model_does_at_full_size_only_is_ordered_so(vendor, kling, changes, resolution):
    _, body = sent(vendor, kling, resolution="720p", **changes)
    assert body["settings"]["resolution"] == resolution


def test_a_strange_model_id_cannot_change_the_path(vendor, kling):
    path, _ = sent(vendor, kling, upstream="../v1/x?y#z")
    assert path == "/image-to-video/..%2Fv1%2Fx%3Fy%23z"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, 1002, ProviderAuth),
        (429, 1101, ProviderQuota),
        (429, 1102, ProviderQuota),
        (429, 1304, ProviderAuth),
        (400, 1201, ProviderInvalidInput),
        (400, 1301, ProviderContentPolicy),
        (404, 1203, ProviderModelGone),
        (429, 1302, ProviderRateLimited),
        (429, 1303, ProviderRateLimited),
        (500, 5000, ProviderUpstream),
        (503, 5001, ProviderUpstream),
        (504, 5002, SubmitUnknown),
        (200, 1303, ProviderRateLimited),
    ],
)
def test_create_errors_are_distinguished_by_code(vendor, kling, status, code, error):
    vendor.answer = says(status, {"code": code, "message": "secret vendor text"})
    with pytest.raises(ProviderError) as caught:
        kling.submit(request())
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


def test_retry_after_is_honoured(vendor, kling):
    vendor.answer = says(429, {"code": 1302}, retry_after="7")
    with pytest.raises(ProviderRateLimited) as caught:
        kling.submit(request())
    assert caught.value.retry_after_seconds == 7


HOSTILE = [
    b"<html>Bad gateway</html>",
    b"",
    b"[]",
    b"null",
    b"[" * 100_000,
    b'{"code": "0", "data": []}',
    b'{"code": 0}',
    b'{"code": 0, "data": "x"}',
    b'{"code": 0, "data": {"id": 42}}',
    b'{"code": 0, "data": {"id": "../../x"}}',
    b'{"code": 0, "data": {"id": "1,2"}}',
    b'{"code": 0, "data": {"id": "1&external_task_ids=2"}}',
    b"\xff\xfe" * 10,
    b"x" * 1_100_000,
]


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_create_answered_by_nonsense_may_exist(vendor, kling, status, body):
    vendor.answer = says(status, body)
    with pytest.raises((SubmitUnknown, ProviderUpstream)) as caught:
        kling.submit(request())
    if status == 200:
        assert isinstance(caught.value, SubmitUnknown)
    assert len(vendor.requests) == 1


STRANGE_LISTS = [
    b'{"code": 0, "data": {"id": "901349125802336344", "status": "succeeded"}}',
    b'{"code": 0, "data": ["901349125802336344", null, 5, []]}',
    b'{"code": 0, "data": [{"id": "1", "external_id": "job-2", "status": "succeeded"}]}',
    b'{"code": 0, "data": [{"id": 901349125802336344, "status": "succeeded"}]}',
    b'{"code": 0, "data": [{"external_id": "job-1", "status": "succeeded"}]}',
    b'{"code": 0, "data": null}',
]


@pytest.mark.parametrize("body", [*HOSTILE, *STRANGE_LISTS])
def test_nonsense_is_no_verdict_and_no_absence(vendor, kling, body):
    vendor.answer = says(200, body)
    with pytest.raises((ProviderUpstream, ProviderTimeout)):
        kling.poll(TASK)
    with pytest.raises((ProviderUpstream, ProviderTimeout)):
        kling.find(LOOKUP)


def test_a_task_that_is_no_longer_listed_has_no_verdict(vendor, kling):
    vendor.answer = says(200, {"code": 0, "data": []})
    with pytest.raises(ProviderUpstream):
        kling.poll(TASK)


def test_a_dropped_reply_is_not_repeated(vendor, kling):
    def drop(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    vendor.answer = drop
    with pytest.raises(SubmitUnknown):
        kling.submit(request())
    assert len(vendor.requests) == 1


def test_an_unreachable_vendor_was_sent_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent):
        KlingTasks(f"http://127.0.0.1:{port}", "k").submit(request())


def test_without_a_key_nothing_is_sent(vendor):
    with pytest.raises(ProviderAuth):
        KlingTasks(vendor.base_url, "").submit(request())
    assert vendor.requests == []


@pytest.mark.parametrize("status", ["submitted", "processing", "resting", None, 7, ["failed"]])
def test_unknown_statuses_are_pending(vendor, kling, status):
    vendor.answer = says(200, listed(status))
    assert kling.poll(TASK) == Pending()
    assert vendor.requests[0][:2] == ("GET", f"/_p/key/tasks?task_ids={TASK.task_id}")


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("submitted", None),
        ("resting", "resting"),
        ("<script>", "unreadable"),
        ("a\nforged line", "unreadable"),
        ({}, "unreadable"),
    ],
)
def test_only_a_plain_word_of_an_unknown_status_is_logged(
    vendor, kling, monkeypatch, status, shown
):
    lines = []
    logger = type("Log", (), {"warning": lambda _, text, **fields: lines.append((text, fields))})()
    monkeypatch.setattr(errors, "logger", lambda: logger)
    vendor.answer = says(200, listed(status))
    kling.poll(TASK)
    expected = ("unknown vendor status", {"provider": "kling-tasks", "status": shown})
    assert lines == ([expected] if shown else [])


def test_a_success_has_the_urls_of_its_videos(vendor, kling):
    outputs = [
        {"type": "image", "url": "https://v.klingai.com/cover.jpg"},
        {"type": "video", "url": "https://v.klingai.com/a.mp4", "watermark_url": "https://w"},
        {"type": "video", "url": 5},
        "x",
        {"type": "video", "url": "h" * 5000},
    ]
    vendor.answer = says(200, listed("succeeded", outputs=outputs))
    assert kling.poll(TASK) == Succeeded(("https://v.klingai.com/a.mp4",))


@pytest.mark.parametrize("outputs", [None, {}, [], [None], [{"type": "video"}], "x"])
def test_a_success_without_a_result_failed(vendor, kling, outputs):
    vendor.answer = says(200, listed("succeeded", outputs=outputs))
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
    vendor.answer = says(200, listed("failed", message=message))
    result = kling.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is error


def test_a_lost_create_is_found_by_our_own_id(vendor, kling):
    other = {"id": "1", "external_id": "job-2", "status": "failed"}
    ours = {"id": TASK.task_id, "external_id": "job-1", "status": "processing"}
    vendor.answer = says(200, {"code": 0, "data": [other, ours]})
    assert kling.find(LOOKUP) == TASK
    assert vendor.requests[0][1] == "/_p/key/tasks?external_task_ids=job-1"


def test_a_create_that_never_arrived_is_not_found(vendor, kling):
    vendor.answer = says(200, {"code": 0, "data": []})
    assert kling.find(LOOKUP) is None


@pytest.mark.parametrize(("status", "code"), [(500, 5000), (404, 1203), (400, 1201), (401, 1002)])
def test_a_look_up_without_an_answer_is_not_an_absence(vendor, kling, status, code):
    vendor.answer = says(status, {"code": code})
    with pytest.raises(ProviderError):
        kling.find(LOOKUP)


def test_kling_cannot_cancel(kling):
    assert kling.cancel(TASK) is False
