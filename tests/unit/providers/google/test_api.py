"""What holds for both of Google's adapters, whatever the vendor answers."""

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

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
from showreel.providers.base import Lookup, SubmitUnknown, VendorTask
from showreel.providers.google.interactions import GoogleInteractions
from showreel.providers.google.veo import GoogleVeo
from showreel.providers.http import NotSent, http_client
from tests.unit.providers.google.answers import KEY, code, request, rpc, says

TASKS = {
    GoogleVeo: VendorTask("op1", "/v1beta/models/veo-2.0-generate-001/operations"),
    GoogleInteractions: VendorTask("v1_x", "/v1beta/interactions"),
}
REFUSED = "The prompt could not be submitted. It violates Google's Responsible AI practices."
BLOCKED = "The input image was blocked by your current safety settings. Support codes: 17301594"


@pytest.fixture(params=[GoogleVeo, GoogleInteractions])
def google(vendor: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    yield request.param(vendor.base_url, KEY)
    http_client(vendor.base_url).close()
    http_client.cache_clear()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, rpc(400, "INVALID_ARGUMENT"), ProviderInvalidInput),
        (400, rpc(400, "INVALID_ARGUMENT", {"reason": "API_KEY_INVALID"}), ProviderAuth),
        (400, rpc(400, "INVALID_ARGUMENT", message=REFUSED), ProviderContentPolicy),
        (400, rpc(400, "INVALID_ARGUMENT", message=BLOCKED), ProviderContentPolicy),
        (400, rpc(400, "FAILED_PRECONDITION"), ProviderQuota),
        (401, rpc(401, "UNAUTHENTICATED"), ProviderAuth),
        (403, rpc(403, "PERMISSION_DENIED"), ProviderAuth),
        (403, rpc(403, "PERMISSION_DENIED", {"reason": "BILLING_DISABLED"}), ProviderQuota),
        (404, rpc(404, "NOT_FOUND"), ProviderModelGone),
        (429, rpc(429, "RESOURCE_EXHAUSTED"), ProviderRateLimited),
        (500, rpc(500, "INTERNAL"), SubmitUnknown),
        (503, rpc(503, "UNAVAILABLE"), ProviderUpstream),
        (504, rpc(504, "DEADLINE_EXCEEDED"), SubmitUnknown),
        (400, code("invalid_request"), ProviderInvalidInput),
        (400, code("parameter_unknown"), ProviderInvalidInput),
        (416, code("out_of_range"), ProviderInvalidInput),
        (400, code("safety"), ProviderContentPolicy),
        (400, code("https://ai.google.dev/errors#prohibited_content"), ProviderContentPolicy),
        (401, code("authentication"), ProviderAuth),
        (402, code("payment_required"), ProviderQuota),
        (403, code("permission_denied"), ProviderAuth),
        (404, code("model_not_found"), ProviderModelGone),
        (429, code("rate_limit_exceeded"), ProviderRateLimited),
        (429, code("quota_exceeded"), ProviderQuota),
        (499, code("cancelled"), SubmitUnknown),
        (500, code("api_error"), SubmitUnknown),
        (503, code("service_unavailable"), ProviderUpstream),
        (503, b"<html>", SubmitUnknown),
        (502, b"<html>", SubmitUnknown),
        (408, b"", SubmitUnknown),
        (302, b"", SubmitUnknown),
        (403, b"<html>", ProviderAuth),
        (404, b"[]", ProviderModelGone),
        (413, b"", ProviderInvalidInput),
        (429, b"", ProviderRateLimited),
        (429, {"error": ["x"]}, ProviderRateLimited),
    ],
)
def test_a_refused_create_has_a_class_and_only_a_clear_refusal_is_one(
    vendor: Any, google: Any, status: int, body: Any, error: type[ProviderError]
) -> None:
    vendor.answer = says(status, body)
    with pytest.raises(ProviderError) as caught:
        google.submit(request("m"))
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    ("delay", "header", "seconds"),
    [
        ("30s", "7", 30.0),
        ("1.5s", "", 1.5),
        ("99999s", "", 600.0),
        ("soon", "7", 7.0),
        (None, "7", 7.0),
        (None, "", None),
        (["30s"], "", None),
        ("9" * 400 + "s", "", None),
    ],
)
def test_when_to_come_back_is_in_the_details_or_the_header(
    vendor: Any, google: Any, delay: Any, header: str, seconds: float | None
) -> None:
    details = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    body = rpc(429, "RESOURCE_EXHAUSTED", {"links": []}, details)
    vendor.answer = says(429, body, retry_after=header)
    with pytest.raises(ProviderRateLimited) as caught:
        google.submit(request("m"))
    assert caught.value.retry_after_seconds == seconds


HOSTILE = [
    b"<html>Bad gateway</html>",
    b"",
    b"[]",
    b"{}",
    b"null",
    b"[" * 100_000,
    b"\xff\xfe" * 10,
    b"x" * 1_100_000,
    gzip.compress(b'{"id":"v1_x","name":"models/m/operations/o"}'),
    b'{"id": 42, "name": 42}',
    b'{"id": "", "name": ""}',
    b'{"id": "../x", "name": "models/../operations/x"}',
    b'{"id": "..", "name": "models/m/operations/.."}',
    b'{"id": "a/b", "name": "models/m/operations/a/b"}',
    b'{"id": "a?b", "name": "models/m/operations/a?b"}',
    b'{"id": "a\\n", "name": "models/m/operations/a\\n"}',
    b'{"id": "%s", "name": "models/m/operations/%s"}' % ((b"a" * 600,) * 2),
    b'{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_create_answered_by_nonsense_may_exist(vendor: Any, google: Any, body: bytes) -> None:
    vendor.answer = says(200, body)
    with pytest.raises(SubmitUnknown):
        google.submit(request("m"))
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("body", [*HOSTILE[:3], *HOSTILE[4:7]], ids=range(6))
def test_a_poll_answered_by_nonsense_is_no_verdict(
    vendor: Any, google: Any, status: int, body: bytes
) -> None:
    vendor.answer = says(status, body)
    with pytest.raises((ProviderUpstream, ProviderTimeout)):
        google.poll(TASKS[type(google)])


def test_a_dropped_reply_is_not_repeated(vendor: Any, google: Any) -> None:
    def drop(handler: Any) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    vendor.answer = drop
    with pytest.raises(SubmitUnknown):
        google.submit(request("m"))
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("make", TASKS)
def test_an_unreachable_vendor_was_sent_nothing(make: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        make(f"http://127.0.0.1:{port}", KEY).submit(request("m"))
    assert not isinstance(caught.value, SubmitUnknown)


@pytest.mark.parametrize("make", TASKS)
def test_without_a_key_nothing_is_sent(vendor: Any, make: Any) -> None:
    with pytest.raises(ProviderAuth):
        make(vendor.base_url, "").submit(request("m"))
    assert vendor.requests == []


def test_a_picture_that_cannot_be_read_sends_nothing(vendor: Any, google: Any) -> None:
    from showreel.core.errors import NotFound
    from showreel.providers.base import InputPicture

    def gone() -> bytes:
        raise NotFound("no such object")

    with pytest.raises(NotFound):
        google.submit(request("m", image=InputPicture("https://bucket.example/a.jpg", gone)))
    assert vendor.requests == []


def test_the_key_travels_in_its_header_and_pictures_as_bytes(vendor: Any, google: Any) -> None:
    vendor.answer = says(200, {"id": "v1_x", "name": "models/m/operations/o"})
    google.submit(request("m"))
    method, path, headers, body = vendor.requests[0]
    assert (method, headers["x-goog-api-key"]) == ("POST", KEY)
    assert KEY not in path
    assert "bucket.example" not in body.decode()
    assert json.loads(body)


def test_a_lost_create_cannot_be_looked_up(google: Any) -> None:
    assert (google.recovery, google.has_webhooks) == ("none", False)
    assert google.find(Lookup("job-1", 0)) is None
