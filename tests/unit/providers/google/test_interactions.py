import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers.base import Failed, Pending, Succeeded, VendorTask
from showreel.providers.google import interactions as module
from showreel.providers.google.interactions import GoogleInteractions
from showreel.providers.http import http_client
from tests.unit.providers.google.answers import KEY, code, request, says

OMNI = "gemini-omni-1.1-flash"
TASK = VendorTask("v1_ChAz", "/v1beta/interactions")


@pytest.fixture
def omni(vendor: Any) -> Iterator[GoogleInteractions]:
    yield GoogleInteractions(vendor.base_url, KEY)
    http_client(vendor.base_url).close()
    http_client.cache_clear()


def state(status: object, **more: Any) -> dict[str, Any]:
    return {"id": "v1_ChAz", "object": "interaction", "status": status, **more}


def completed(*videos: dict[str, Any]) -> dict[str, Any]:
    given = {"type": "user_input", "content": [{"type": "video", "uri": "https://mine/x.mp4"}]}
    made = {"type": "model_output", "content": [{"type": "text", "text": "Here:"}, *videos]}
    return state("completed", steps=[given, {"type": "thought"}, made])


def video(**fields: Any) -> dict[str, Any]:
    return {"type": "video", "mime_type": "video/mp4", **fields}


def by_path(**answers: Any) -> Any:
    """Answers by the first word of the path after the version."""

    def answer(handler: Any) -> None:
        answers[handler.path.split("/v1beta/")[1].split("/")[0]](handler)

    return answer


def test_a_create_is_sent_as_the_vendor_documents_it(vendor: Any, omni: GoogleInteractions) -> None:
    vendor.answer = says(200, state("in_progress"))
    parameters = {"service_tier": "flex", "thinking_level": "low", "delivery": "inline"}
    assert omni.submit(request(OMNI, parameters=parameters)) == TASK
    method, path, _, body = vendor.requests[0]
    assert (method, path) == ("POST", "/_p/key/v1beta/interactions")
    assert json.loads(body) == {
        "model": OMNI,
        "background": True,
        "service_tier": "flex",
        "input": [
            {
                "type": "user_input",
                "content": [
                    {"type": "image", "data": "Zmlyc3Q=", "mime_type": "image/jpeg"},
                    {"type": "image", "data": "bGFzdA==", "mime_type": "image/jpeg"},
                    {"type": "text", "text": "slow dolly in"},
                ],
            }
        ],
        "generation_config": {
            "video_config": {"task": "image_to_video"},
            "thinking_level": "low",
        },
        "response_format": {
            "type": "video",
            "delivery": "inline",
            "aspect_ratio": "9:16",
            "resolution": "720p",
            "duration": "5s",
        },
    }


def test_words_alone_are_another_task(vendor: Any, omni: GoogleInteractions) -> None:
    vendor.answer = says(200, state("in_progress"))
    omni.submit(request(OMNI, image=None, end_image=None, aspect_ratio=None))
    body = json.loads(vendor.requests[0][3])
    assert body["generation_config"] == {"video_config": {"task": "text_to_video"}}
    assert body["response_format"]["delivery"] == "uri"
    assert "aspect_ratio" not in body["response_format"]


@pytest.mark.parametrize("status", ["queued", "in_progress", "resting", None, 7, ["failed"]])
def test_unknown_statuses_are_pending(vendor: Any, omni: GoogleInteractions, status: Any) -> None:
    vendor.answer = says(200, state(status))
    assert omni.poll(TASK) == Pending()
    assert vendor.requests[0][1] == "/_p/key/v1beta/interactions/v1_ChAz"


def test_what_was_given_is_not_taken_for_the_result(vendor: Any, omni: GoogleInteractions) -> None:
    vendor.answer = says(200, completed())
    result = omni.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is ProviderUpstream


def test_the_last_video_is_the_result(vendor: Any, omni: GoogleInteractions) -> None:
    draft, final = video(uri="https://a/draft.mp4"), video(uri="https://a/final.mp4")
    vendor.answer = says(200, completed(draft, final))
    assert omni.poll(TASK) == Succeeded(("https://a/final.mp4",))


@pytest.mark.parametrize(
    ("state_of_file", "is_ready"),
    [("ACTIVE", True), ("PROCESSING", False), ("STATE_UNSPECIFIED", True), (7, True)],
)
def test_a_file_is_waited_for(
    vendor: Any, omni: GoogleInteractions, state_of_file: Any, is_ready: bool
) -> None:
    url = f"{vendor.base_url}/v1beta/files/abc-1:download?alt=media"
    files = says(200, {"state": state_of_file})
    vendor.answer = by_path(interactions=says(200, completed(video(uri=url))), files=files)
    ready = Succeeded((url,), headers={"x-goog-api-key": KEY})
    assert omni.poll(TASK) == (ready if is_ready else Pending())
    assert vendor.requests[1][1] == "/_p/key/v1beta/files/abc-1"


def test_a_file_that_failed_is_a_failure(vendor: Any, omni: GoogleInteractions) -> None:
    url = f"{vendor.base_url}/v1beta/files/abc-1:download?alt=media"
    files = says(200, {"state": "FAILED"})
    vendor.answer = by_path(interactions=says(200, completed(video(uri=url))), files=files)
    assert isinstance(omni.poll(TASK), Failed)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_unreadable_state_is_left_to_the_download(
    vendor: Any, omni: GoogleInteractions, status: int
) -> None:
    url = f"{vendor.base_url}/v1beta/files/abc-1:download?alt=media"
    files = says(status, b"<html>")
    vendor.answer = by_path(interactions=says(200, completed(video(uri=url))), files=files)
    assert isinstance(omni.poll(TASK), Succeeded)


def test_a_file_elsewhere_is_not_asked_for(vendor: Any, omni: GoogleInteractions) -> None:
    url = "https://evil.example/v1beta/files/abc-1:download?alt=media"
    vendor.answer = says(200, completed(video(uri=url)))
    assert omni.poll(TASK) == Succeeded((url,))
    assert len(vendor.requests) == 1


def test_a_clip_of_several_megabytes_comes_inline(vendor: Any, omni: GoogleInteractions) -> None:
    clip = bytes(range(256)) * 20_000
    vendor.answer = says(200, completed(video(data=base64.b64encode(clip).decode())))
    assert omni.poll(TASK) == Succeeded(data=clip)
    assert omni.poll(TASK).data == clip


def test_an_endless_answer_is_no_verdict(
    vendor: Any, omni: GoogleInteractions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BODY_BYTES", 10_000)
    vendor.answer = says(200, completed(video(data="A" * 20_000)))
    with pytest.raises(ProviderTimeout):
        omni.poll(TASK)


@pytest.mark.parametrize("data", ["no base64!", "", 7, ["AAAA"], "AAA"])
def test_an_unreadable_clip_is_a_failure(vendor: Any, omni: GoogleInteractions, data: Any) -> None:
    vendor.answer = says(200, completed(video(data=data)))
    assert isinstance(omni.poll(TASK), Failed)


@pytest.mark.parametrize("steps", [None, {}, "x", [None, 7], [{"type": "model_output"}]])
def test_steps_of_another_shape_are_a_failure(
    vendor: Any, omni: GoogleInteractions, steps: Any
) -> None:
    vendor.answer = says(200, state("completed", steps=steps))
    assert isinstance(omni.poll(TASK), Failed)


@pytest.mark.parametrize(
    "status",
    [
        "failed",
        "cancelled",
        "incomplete",
        "budget_exceeded",
        "requires_action",
        "requires_continuation",
    ],
)
def test_other_ends_are_failures(vendor: Any, omni: GoogleInteractions, status: str) -> None:
    vendor.answer = says(200, state(status))
    result = omni.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is ProviderUpstream


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"errors": [{"code": "safety", "message": "secret"}]}, ProviderContentPolicy),
        ({"errors": [{"code": "https://a.b/c/content_blocked"}]}, ProviderContentPolicy),
        ({"errors": [{"code": "odd"}, {"code": "prohibited_content"}]}, ProviderContentPolicy),
        ({"error": {"code": "blocklist"}}, ProviderContentPolicy),
        (
            {
                "steps": [
                    {"type": "model_output", "error": {"code": 3, "message": "Responsible AI"}}
                ]
            },
            ProviderContentPolicy,
        ),
        ({"errors": [{"code": "quota_exceeded"}]}, ProviderQuota),
        ({"errors": [{"code": "rate_limit_exceeded"}]}, ProviderRateLimited),
        ({"errors": [{"code": "api_error", "message": "secret"}]}, ProviderUpstream),
        ({"errors": "secret", "error": 7, "steps": [7]}, ProviderUpstream),
    ],
)
def test_failures_have_a_class(
    vendor: Any, omni: GoogleInteractions, fields: Any, error: type[ProviderError]
) -> None:
    vendor.answer = says(200, state("failed", **fields))
    result = omni.poll(TASK)
    assert isinstance(result, Failed)
    assert type(result.error) is error
    assert "secret" not in str(result.error)


@pytest.mark.parametrize(
    ("status", "body", "is_stopped"),
    [
        (200, state("cancelled"), True),
        (200, state("completed"), False),
        (200, b"", False),
        (400, code("invalid_request"), False),
        (404, code("not_found"), False),
    ],
)
def test_a_cancel_is_believed_if_the_vendor_says_so(
    vendor: Any, omni: GoogleInteractions, status: int, body: Any, is_stopped: bool
) -> None:
    vendor.answer = says(status, body)
    assert omni.cancel(TASK) is is_stopped
    method, path, _, _ = vendor.requests[0]
    assert (method, path) == ("POST", "/_p/key/v1beta/interactions/v1_ChAz/cancel")


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, ProviderAuth), (429, ProviderRateLimited), (500, ProviderUpstream)],
)
def test_a_refused_cancel_raises_its_error(
    vendor: Any, omni: GoogleInteractions, status: int, error: type[ProviderError]
) -> None:
    vendor.answer = says(status, b"")
    with pytest.raises(error):
        omni.cancel(TASK)
