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
from showreel.providers.gmi.queue import REQUESTS, Gmi
from showreel.providers.http import NotSent, http_client
from tests.unit.providers.streaming import says

FIRST = InputPicture("https://media.example/a.jpg?s=1", bytes)
LAST = InputPicture("https://media.example/b.jpg?s=1", bytes)
TASK = VendorTask("req-1", REQUESTS)
URL = "https://storage.googleapis.com/results/a.mp4"


@pytest.fixture
def gmi(vendor):
    yield Gmi(vendor.base_url, "key-1")
    http_client(vendor.base_url).close()
    http_client.cache_clear()


def request(upstream="Veo3", **changes):
    usual = {
        "external_id": "job-1",
        "parameters": {},
        "prompt": "slow zoom in",
        "duration_seconds": 8,
        "image": FIRST,
        "end_image": LAST,
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "native_audio": True,
    }
    return SubmitRequest(upstream=upstream, **{**usual, **changes})


def payload_of(vendor, gmi, order):
    vendor.answer = says(200, {"request_id": "req-1", "status": "dispatched"})
    assert gmi.submit(order) == TASK
    method, path, headers, body = vendor.requests[0]
    assert (method, path) == ("POST", f"/_p/key{REQUESTS}")
    assert headers["authorization"] == "Bearer key-1"
    sent = json.loads(body)
    assert sent.keys() == {"model", "payload"}
    assert sent["model"] == order.upstream
    return sent["payload"]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (
            "Veo3",
            {
                "prompt": "slow zoom in",
                "durationSeconds": "8",
                "aspectRatio": "9:16",
                "image": FIRST.url,
                "lastFrame": LAST.url,
                "resolution": "720p",
                "generateAudio": True,
            },
        ),
        (
            "Kling-Image2Video-V2.1-Master",
            {
                "prompt": "slow zoom in",
                "duration": "8",
                "aspect_ratio": "9:16",
                "image": FIRST.url,
                "image_tail": LAST.url,
            },
        ),
        (
            "seedance-2-0-260128",
            {
                "prompt": "slow zoom in",
                "duration": 8,
                "ratio": "9:16",
                "first_frame": FIRST.url,
                "last_frame": LAST.url,
                "resolution": "720p",
                "generate_audio": True,
            },
        ),
        (
            "ltx-2-fast-image-to-video",
            {"prompt": "slow zoom in", "duration": 8, "image_uri": FIRST.url},
        ),
    ],
)
def test_a_job_of_ours_has_the_names_of_its_model(vendor, gmi, model, fields):
    order = request(model, parameters={"seed": 7})
    assert payload_of(vendor, gmi, order) == {**fields, "seed": 7}


def test_what_a_job_does_not_have_is_not_sent(vendor, gmi):
    order = request("wan2.6-t2v", image=None, end_image=None, aspect_ratio=None)
    assert payload_of(vendor, gmi, order) == {"prompt": "slow zoom in", "duration": 8}


def test_a_callers_own_fields_go_as_they_are(vendor, gmi):
    order = request("minimax-tts-speech-2.8-hd", inputs={"text": "a lamp", "speed": 1})
    assert payload_of(vendor, gmi, order) == {"text": "a lamp", "speed": 1}


def test_the_bindings_parameters_come_last(vendor, gmi):
    inputs = {"watermark": True, "prompt": "mine"}
    order = request("seedream-5.0-lite", inputs=inputs, parameters={"watermark": False})
    assert payload_of(vendor, gmi, order) == {"prompt": "mine", "watermark": False}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, ProviderInvalidInput),
        (401, ProviderAuth),
        (402, ProviderQuota),
        (403, ProviderAuth),
        (404, ProviderModelGone),
        (422, ProviderInvalidInput),
        (429, ProviderRateLimited),
        (503, ProviderUpstream),
        (500, SubmitUnknown),
        (502, SubmitUnknown),
        (504, SubmitUnknown),
        (302, SubmitUnknown),
        (418, SubmitUnknown),
    ],
)
@pytest.mark.parametrize("body", [b"Upstream capacity temporarily exhausted", b'{"error":"x"}'])
def test_a_refused_create(vendor, gmi, status, expected, body):
    vendor.answer = says(status, body)
    with pytest.raises(ProviderError) as caught:
        gmi.submit(request())
    assert type(caught.value) is expected
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        {},
        {"request_id": 5},
        {"request_id": ""},
        {"request_id": "../../admin"},
        {"request_id": "a" * 200},
        {"request_id": "a\n"},
    ],
)
def test_a_create_without_a_usable_id_is_unknown(vendor, gmi, body):
    vendor.answer = says(200, body)
    with pytest.raises(SubmitUnknown):
        gmi.submit(request())


def test_a_create_without_an_answer_is_unknown(vendor, gmi):
    vendor.answer = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(SubmitUnknown):
        gmi.submit(request())
    assert len(vendor.requests) == 1


def test_a_vendor_that_is_not_there():
    with pytest.raises(NotSent):
        Gmi("http://127.0.0.1:9", "key").submit(request())
    http_client("http://127.0.0.1:9").close()
    http_client.cache_clear()


def record(status, outcome=None, **more):
    return {"request_id": "req-1", "status": status, "outcome": outcome, **more}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("created", Pending()),
        ("dispatched", Pending()),
        ("queued", Pending()),
        ("processing", Pending(is_running=True)),
        ("something_new", Pending()),
        (None, Pending()),
        ({"a": 1}, Pending()),
    ],
)
def test_what_is_not_finished_is_pending(vendor, gmi, status, expected):
    vendor.answer = says(200, record(status))
    assert gmi.poll(TASK) == expected
    assert vendor.requests[0][1] == f"/_p/key{REQUESTS}/req-1"


@pytest.mark.parametrize(
    ("outcome", "urls"),
    [
        ({"video_url": URL, "thumbnail_image_url": "https://x.example/t.jpg"}, (URL,)),
        ({"media_urls": [{"id": "0", "url": URL}], "thumbnail_image_url": "https://x/t"}, (URL,)),
        ({"media_urls": [{"url": URL}, {"url": f"{URL}?2"}]}, (URL, f"{URL}?2")),
        ({"media_urls": [URL]}, (URL,)),
        ({"media": [{"url": URL}]}, (URL,)),
        ({"audio_url": URL}, (URL,)),
        ({"video_url": URL, "media_urls": [{"url": URL}]}, (URL,)),
        ({"video_url": 5, "media_urls": [5, None, {"url": 5}, {}, {"url": URL}]}, (URL,)),
        ({"element_id": "77"}, ()),
    ],
)
def test_results_are_taken_by_name(vendor, gmi, outcome, urls):
    echo = {"image": "https://media.example/a.jpg", "video_url": "https://evil.example/"}
    vendor.answer = says(200, record("success", outcome, payload=echo))
    found = gmi.poll(TASK)
    assert isinstance(found, Succeeded)
    assert found.urls == urls
    assert found.output == outcome
    assert found.headers == {}


@pytest.mark.parametrize(
    "outcome",
    [None, {}, [], "text", {"video_url": ""}, {"video_url": "a" * 5000}, {"media_urls": URL}],
)
def test_a_success_without_a_result_has_failed(vendor, gmi, outcome):
    vendor.answer = says(200, record("success", outcome))
    assert isinstance(gmi.poll(TASK), Failed)


def test_there_is_an_end_to_the_files_of_one_request(vendor, gmi):
    files = [{"url": f"{URL}?{number}"} for number in range(500)]
    vendor.answer = says(200, record("success", {"media_urls": files}))
    found = gmi.poll(TASK)
    assert isinstance(found, Succeeded)
    assert len(found.urls) == 20


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        ("failed", {"error": "secret", "error_code": "generation_failed"}, ProviderUpstream),
        ("failed", {"error_code": "content_policy_violation"}, ProviderContentPolicy),
        ("failed", {"error": {"code": "content_filter"}}, ProviderContentPolicy),
        ("failed", {"error": {"type": "invalid_request_error"}}, ProviderInvalidInput),
        ("failed", {"error": {"code": ["odd"]}}, ProviderUpstream),
        ("failed", None, ProviderUpstream),
        ("cancelled", None, ProviderUpstream),
    ],
)
def test_failures_by_their_codes(vendor, gmi, status, outcome, expected):
    vendor.answer = says(200, record(status, outcome))
    found = gmi.poll(TASK)
    assert isinstance(found, Failed)
    assert type(found.error) is expected
    assert "secret" not in str(found.error)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, ProviderAuth),
        (429, ProviderRateLimited),
        (404, ProviderUpstream),
        (400, ProviderUpstream),
        (500, ProviderUpstream),
    ],
)
def test_what_can_not_be_read_is_no_verdict(vendor, gmi, status, expected):
    vendor.answer = says(status, {"error": "x"}, retry_after="3")
    with pytest.raises(expected) as caught:
        gmi.poll(TASK)
    assert getattr(caught.value, "retry_after_seconds", 3) == 3


@pytest.mark.parametrize("body", [b"<html>", b"[]", {"request_id": "another"}])
def test_a_record_that_is_none_is_no_verdict(vendor, gmi, body):
    vendor.answer = says(200, body)
    with pytest.raises(ProviderUpstream):
        gmi.poll(TASK)


def test_a_record_that_is_too_long_is_no_verdict(vendor, gmi):
    vendor.answer = says(200, record("success", {"video_url": URL}, payload="a" * 1_100_000))
    with pytest.raises(ProviderTimeout):
        gmi.poll(TASK)


@pytest.mark.parametrize("task_id", ["../requests", "a/b", "", "a?b", "a\n"])
def test_an_id_that_is_none_is_not_put_into_a_path(vendor, gmi, task_id):
    with pytest.raises(ProviderUpstream):
        gmi.poll(VendorTask(task_id, REQUESTS))
    assert vendor.requests == []


def test_nothing_can_be_found_or_stopped_there(vendor, gmi):
    assert gmi.find(Lookup("job-1", sent_at_seconds=1_780_000_000)) is None
    assert gmi.cancel(TASK) is False
    assert (gmi.recovery, gmi.has_webhooks) == ("none", False)
    assert vendor.requests == []


def test_without_a_key_nothing_is_sent(vendor):
    with pytest.raises(ProviderAuth):
        Gmi(vendor.base_url, "").submit(request())
    assert vendor.requests == []
