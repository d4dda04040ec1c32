import json
from collections.abc import Iterator
from typing import Any

import pytest

from showreel.core.errors import (
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.providers.base import Failed, Pending, Succeeded, VendorTask
from showreel.providers.google.veo import GoogleVeo
from showreel.providers.http import http_client
from tests.unit.providers.google.answers import KEY, request, says

VEO = "veo-2.0-generate-001"
NAME = f"models/{VEO}/operations/abc123"
TASK = VendorTask("abc123", f"/v1beta/models/{VEO}/operations")


@pytest.fixture
def veo(vendor: Any) -> Iterator[GoogleVeo]:
    yield GoogleVeo(vendor.base_url, KEY)
    http_client(vendor.base_url).close()
    http_client.cache_clear()


def done(response: object) -> dict[str, Any]:
    return {"name": NAME, "done": True, "response": {"generateVideoResponse": response}}


def sample(uri: object) -> dict[str, Any]:
    return done({"generatedSamples": [{"video": {"uri": uri}}]})


def test_a_create_is_sent_as_the_vendors_sdk_sends_it(vendor: Any, veo: GoogleVeo) -> None:
    vendor.answer = says(200, {"name": NAME})
    parameters = {"personGeneration": "allow_adult", "sampleCount": 4}
    assert veo.submit(request(VEO, parameters=parameters)) == TASK
    method, path, _, body = vendor.requests[0]
    assert (method, path) == ("POST", f"/_p/key/v1beta/models/{VEO}:predictLongRunning")
    assert json.loads(body) == {
        "instances": [
            {
                "prompt": "slow dolly in",
                "image": {"bytesBase64Encoded": "Zmlyc3Q=", "mimeType": "image/jpeg"},
                "lastFrame": {"bytesBase64Encoded": "bGFzdA==", "mimeType": "image/jpeg"},
            }
        ],
        "parameters": {
            "personGeneration": "allow_adult",
            "sampleCount": 1,
            "durationSeconds": 5,
            "aspectRatio": "9:16",
        },
    }


def test_other_models_receive_the_resolution(vendor: Any, veo: GoogleVeo) -> None:
    vendor.answer = says(200, {"name": NAME})
    veo.submit(request("veo/../x", image=None, end_image=None, aspect_ratio=None))
    _, path, _, body = vendor.requests[0]
    assert path == "/_p/key/v1beta/models/veo%2F..%2Fx:predictLongRunning"
    assert json.loads(body) == {
        "instances": [{"prompt": "slow dolly in"}],
        "parameters": {"sampleCount": 1, "durationSeconds": 5, "resolution": "720p"},
    }


@pytest.mark.parametrize("body", [{"name": NAME}, {"name": NAME, "done": False}, {"done": "yes"}])
def test_what_is_not_done_is_pending(vendor: Any, veo: GoogleVeo, body: Any) -> None:
    vendor.answer = says(200, body)
    assert veo.poll(TASK) == Pending()
    assert vendor.requests[0][1] == f"/_p/key/v1beta/{NAME}"


def test_the_key_goes_along_to_the_apis_own_origin(vendor: Any, veo: GoogleVeo) -> None:
    url = f"{vendor.base_url}/v1beta/files/x:download?alt=media"
    vendor.answer = says(200, sample(url))
    result = veo.poll(TASK)
    assert result == Succeeded((url,), headers={"x-goog-api-key": KEY})
    assert KEY not in repr(result)


@pytest.mark.parametrize(
    "url",
    [
        "https://storage.googleapis.com/x.mp4",
        "https://evil.example/x.mp4",
        "http://127.0.0.1/x.mp4",
        "https://127.0.0.1:{port}/x.mp4",
        "http://127.0.0.1:{port}@evil.example/x.mp4",
        "http://127.0.0.1:{port}.evil.example/x.mp4",
        "http://127.0.0.1:{port}\\@evil.example/x.mp4",
        "//127.0.0.1:{port}/x.mp4",
        "http://[::1",
        "nonsense",
    ],
)
def test_the_key_goes_nowhere_else(vendor: Any, veo: GoogleVeo, url: str) -> None:
    url = url.replace("{port}", vendor.base_url.split(":")[2].partition("/")[0])
    vendor.answer = says(200, sample(url))
    assert veo.poll(TASK) == Succeeded((url,))


@pytest.mark.parametrize("uri", [None, "", 5, ["https://a"], "https://a/" + "a" * 3000])
def test_a_success_without_a_result_failed(vendor: Any, veo: GoogleVeo, uri: object) -> None:
    vendor.answer = says(200, sample(uri))
    result = veo.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is ProviderUpstream


@pytest.mark.parametrize(
    "response",
    [None, [], {}, "x", {"generatedSamples": None}, {"generatedSamples": ["x"]}],
)
def test_a_response_of_another_shape_failed(vendor: Any, veo: GoogleVeo, response: object) -> None:
    vendor.answer = says(200, done(response))
    assert isinstance(veo.poll(TASK), Failed)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (done({"raiMediaFilteredCount": 1}), ProviderContentPolicy),
        (done({"generatedSamples": [], "raiMediaFilteredReasons": ["a"]}), ProviderContentPolicy),
        ({"done": True, "error": {"code": 13, "message": "secret"}}, ProviderUpstream),
        ({"done": True, "error": {"code": 3, "message": "secret"}}, ProviderInvalidInput),
        ({"done": True, "error": {"code": 3, "message": "Responsible AI"}}, ProviderContentPolicy),
        ({"done": True, "error": {"code": 8}}, ProviderRateLimited),
        ({"done": True, "error": "secret"}, ProviderUpstream),
    ],
)
def test_failures_have_a_class(
    vendor: Any, veo: GoogleVeo, body: Any, error: type[ProviderError]
) -> None:
    vendor.answer = says(200, body)
    result = veo.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is error
    assert "secret" not in str(result.error)


def test_veo_cannot_be_stopped(vendor: Any, veo: GoogleVeo) -> None:
    assert veo.cancel(TASK) is False
    assert vendor.requests == []
