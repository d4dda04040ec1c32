"""fal's queue as its customers see it."""

import io
import json
import time
from typing import Any

import pytest
from PIL import Image

from tests.simulators.conftest import Customer
from tests.simulators.fal.customer import FLUX, KLING, FalCustomer
from tests.simulators.films import decoded, difference, still
from tests.support.http import eventually


@pytest.fixture
def fal(customer: Customer) -> FalCustomer:
    return FalCustomer(customer)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_request_goes_through_the_queue(fal: FalCustomer) -> None:
    fal.customer.settings(generation_seconds=10)
    request = fal.submitted(FLUX, prompt="a lamp")
    assert (request["status"], request["queue_position"]) == ("IN_QUEUE", 0)
    assert request["status_url"].endswith(
        f"/fal/fal-ai/flux/requests/{request['request_id']}/status"
    )
    first = fal.call("GET", request["status_url"])
    assert (first.status_code, first.json()["status"]) == (202, "IN_QUEUE")
    assert fal.call("GET", request["response_url"]).status_code == 400


def test_a_completed_request_has_logs_and_a_result(fal: FalCustomer) -> None:
    request = fal.submitted(FLUX, prompt="a lamp")
    assert fal.result(request).json()["prompt"] == "a lamp"
    last = fal.call("GET", request["status_url"], params={"logs": "1"}).json()
    assert (last["status"], last["logs"][0]["level"]) == ("COMPLETED", "INFO")


def test_the_stream_sends_each_change_and_ends(fal: FalCustomer) -> None:
    fal.customer.settings(generation_seconds=5)
    request = fal.submitted(FLUX, prompt="a lamp")
    told = fal.call("GET", f"{request['status_url']}/stream").text
    words = [json.loads(line[6:])["status"] for line in told.splitlines() if line]
    assert words == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]


@pytest.mark.parametrize(
    ("inputs", "size"),
    [
        ({}, (1024, 1024)),
        ({"image_size": "landscape_16_9"}, (1024, 576)),
        ({"image_size": {"width": 640, "height": 360}, "output_format": "png"}, (640, 360)),
        ({"aspect_ratio": "9:16"}, (576, 1024)),
    ],
)
def test_pictures_have_the_size_that_is_asked_for(
    fal: FalCustomer, inputs: dict[str, Any], size: tuple[int, int]
) -> None:
    (told,) = fal.made(FLUX, prompt="a lamp", **inputs)["images"]
    answer = fal.file(told)
    picture = opened(answer.content)
    assert picture.size == (told["width"], told["height"]) == size
    assert answer.headers["content-type"] == told["content_type"]
    assert picture.format == ("PNG" if "output_format" in inputs else "JPEG")


def test_several_pictures_differ_and_a_prompt_gives_the_same_again(fal: FalCustomer) -> None:
    first, second = fal.made(FLUX, prompt="a lamp", num_images=2)["images"]
    again = fal.made(FLUX, prompt="a lamp")["images"][0]
    other = fal.made(FLUX, prompt="a chair")["images"][0]
    files = [fal.file(told).content for told in (first, second, again, other)]
    assert files[0] == files[2]
    assert len(set(files)) == 3


def test_an_edit_is_made_of_the_given_picture(fal: FalCustomer) -> None:
    given = fal.customer.picture_url
    model = "fal-ai/nano-banana-pro/edit"
    (told,) = fal.made(model, prompt="warmer", image_urls=[given])["images"]
    assert (told["width"], told["height"]) == (640, 360)
    original = still(fal.customer.pictures.files["/room.jpg"])
    assert difference(still(fal.file(told).content), original) < 64


def test_a_clip_from_words(fal: FalCustomer) -> None:
    video = fal.made(f"{KLING}/text-to-video", prompt="slow zoom in", duration="3",
                     aspect_ratio="9:16", generate_audio=True)["video"]  # fmt: skip
    answer = fal.file(video)
    clip = decoded(answer.content)
    assert (clip.size(), clip.has_sound) == ((720, 1280), True)
    assert len(clip.frames) == 3 * 24 + 1
    assert video["file_size"] == len(answer.content)
    assert video["content_type"] == answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    ("model", "field"),
    [(f"{KLING}/image-to-video", "image_url"), (f"{KLING}/reference-to-video", "image_urls")],
)
def test_a_clip_from_a_picture(fal: FalCustomer, model: str, field: str) -> None:
    url = fal.customer.picture_url
    given = {field: [url] if field == "image_urls" else url}
    video = fal.made(model, prompt="slow zoom in", duration="3", **given)["video"]
    clip = decoded(fal.file(video).content)
    assert difference(clip.frames[0], still(fal.customer.pictures.files["/room.jpg"])) < 8


def test_a_clip_from_a_clip(fal: FalCustomer) -> None:
    first = fal.made(f"{KLING}/image-to-video", prompt="slow zoom in", duration="3",
                     image_url=fal.customer.picture_url)["video"]  # fmt: skip
    model = f"{KLING}/video-to-video/edit"
    video = fal.made(model, prompt="pan left", duration="3", video_url=first["url"])["video"]
    clip = decoded(fal.file(video).content)
    assert difference(clip.frames[0], still(fal.customer.pictures.files["/room.jpg"])) < 12


@pytest.mark.parametrize(
    ("model", "inputs", "field"),
    [
        ("fal-ai/elevenlabs/tts/turbo-v2.5", {"text": "Welcome to this quiet house."}, "audio"),
        ("fal-ai/lyria2", {"prompt": "calm piano"}, "audio"),
        ("cassetteai/music-generator", {"prompt": "calm", "duration": 3}, "audio_file"),
        ("cassetteai/sound-effects-generator", {"prompt": "rain", "duration": 2}, "audio_file"),
    ],
)
def test_sounds_are_real_files(
    fal: FalCustomer, model: str, inputs: dict[str, Any], field: str
) -> None:
    answer = fal.file(fal.made(model, **inputs)[field])
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.content[:3] == b"ID3" or answer.content[0] == 0xFF
    assert len(answer.content) > 5000


def test_a_transcript_is_text(fal: FalCustomer) -> None:
    assert fal.made("fal-ai/whisper", audio_url="https://media.example/a.mp3")["text"]


@pytest.mark.parametrize(
    ("model", "inputs", "field", "kind"),
    [
        (FLUX, {}, "prompt", "missing"),
        (FLUX, {"prompt": "x", "image_size": "huge"}, "image_size", "literal_error"),
        (FLUX, {"prompt": "x", "num_images": 9}, "num_images", "less_than_equal"),
        (f"{KLING}/image-to-video", {"prompt": "x"}, "image_url", "missing"),
        (
            f"{KLING}/image-to-video",
            {"prompt": "x", "image_url": "http://127.0.0.1:9/a.jpg"},
            "image_url",
            "file_download_error",
        ),
        (
            f"{KLING}/text-to-video",
            {"prompt": "x", "duration": "long"},
            "duration",
            "literal_error",
        ),
    ],
)
def test_wrong_input_is_reported_by_the_result(
    fal: FalCustomer, model: str, inputs: dict[str, Any], field: str, kind: str
) -> None:
    answer = fal.result(fal.submitted(model, **inputs))
    (error,) = answer.json()["detail"]
    assert answer.status_code == 422
    assert (error["loc"], error["type"]) == (["body", field], kind)
    assert answer.headers["x-fal-retryable"] == "false"


def test_keys_apps_and_addresses_are_checked(fal: FalCustomer) -> None:
    assert fal.call("POST", FLUX, key="other", json={"prompt": "x"}).status_code == 401
    assert fal.call("POST", "fal-ai/no-such-app", json={"prompt": "x"}).status_code == 404
    fal.customer.settings(gone_models=[FLUX])
    assert fal.call("POST", FLUX, json={"prompt": "x"}).status_code == 404
    request = fal.submitted("fal-ai/flux/dev", prompt="x")
    other = request["status_url"].replace("fal-ai/flux/", "fal-ai/veo3/")
    assert fal.call("GET", other).status_code == 404
    assert fal.call("GET", request["status_url"], key="other").status_code == 401
    unknown = fal.call("PUT", "fal-ai/flux/requests/nobody/cancel")
    assert (unknown.status_code, unknown.json()) == (404, {"status": "NOT_FOUND"})


def test_a_request_is_stopped_once(fal: FalCustomer) -> None:
    fal.customer.settings(generation_seconds=30)
    request = fal.submitted(FLUX, prompt="a lamp")
    answers = [fal.call("PUT", request["cancel_url"]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 400]
    words = [answer.json()["status"] for answer in answers]
    assert words == ["CANCELLATION_REQUESTED", "ALREADY_COMPLETED"]
    assert fal.result(request).json()["error_type"] == "client_cancelled"


def test_the_end_is_sent_until_its_webhook_is_accepted(fal: FalCustomer) -> None:
    hook = f"{fal.customer.pictures.base_url}/hook?job=1"
    fal.customer.pictures.answers[:] = [500]
    request = fal.submitted(FLUX, hook, prompt="a lamp")
    first, second = fal.heard(2)
    assert first == second
    assert (first["request_id"], first["status"]) == (request["request_id"], "OK")
    assert first["payload"] == fal.result(request).json()


def test_a_failure_is_in_the_webhook(fal: FalCustomer) -> None:
    fal.fault("submit", "content_policy")
    fal.submitted(FLUX, f"{fal.customer.pictures.base_url}/hook", prompt="a lamp")
    (notice,) = fal.heard(1)
    assert (notice["status"], notice["error"]) == ("ERROR", "Unexpected status code: 422")
    assert notice["payload"]["detail"][0]["type"] == "content_policy_violation"


@pytest.mark.parametrize(
    ("fault", "status"),
    [("rate_limited", 429), ("server_error", 500), ("auth", 401), ("quota", 403),
     ("model_gone", 404), ("gateway_timeout", 504)],
)  # fmt: skip
def test_each_refusal_hits_only_its_prompt(fal: FalCustomer, fault: str, status: int) -> None:
    fal.fault("submit", fault, retry_after=3, match={"prompt_contains": "kitchen"})
    fal.submitted(FLUX, prompt="a garden")
    answer = fal.call("POST", FLUX, json={"prompt": "a kitchen"})
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "3")
    if fault == "gateway_timeout":
        assert answer.headers["x-fal-error-type"] == answer.json()["error_type"]
    fal.submitted(FLUX, prompt="a kitchen")


@pytest.mark.parametrize(("fault", "status"), [("failed", 500), ("content_policy", 422)])
def test_each_failure_is_the_status_of_the_result(
    fal: FalCustomer, fault: str, status: int
) -> None:
    fal.fault("poll", fault, match={"prompt_contains": "kitchen"})
    request = fal.submitted(FLUX, prompt="a kitchen")
    answer = fal.result(request)
    assert answer.status_code == status
    assert fal.call("GET", request["status_url"]).json()["error"]


def test_a_late_success_comes(fal: FalCustomer) -> None:
    fal.fault("submit", "late_success", delay_seconds=0.5)
    started = time.monotonic()
    assert fal.made(FLUX, prompt="a lamp")
    assert time.monotonic() - started > 0.5


def test_a_file_may_be_broken(fal: FalCustomer) -> None:
    fal.fault("result", "html", match={"prompt_contains": "lamp"})
    told = fal.made(FLUX, prompt="a lamp")["images"][0]
    assert b"<html>" in fal.file(told).content


def test_nothing_is_left_when_all_is_forgotten(fal: FalCustomer) -> None:
    request = fal.submitted(FLUX, prompt="a lamp")
    eventually(lambda: fal.customer.tasks()[0]["status"] == "COMPLETED")
    fal.customer.client.delete("/_sim")
    assert fal.call("GET", request["status_url"]).status_code == 404
