"""GMI's queue: there is no package of the vendor's, so its documented and reported facts."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.simulators.conftest import GMI_KEY, Customer
from tests.simulators.films import decoded
from tests.simulators.gmi.customer import KLING, PICTURE, SPEECH, VEO, GmiCustomer
from tests.support.http import eventually


@pytest.fixture
def gmi(customer: Customer) -> GmiCustomer:
    return GmiCustomer(customer)


def fetched(gmi: GmiCustomer, url: str, kind: str) -> bytes:
    answer = gmi.customer.client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    return answer.content


def test_a_clip_from_create_to_file(gmi: GmiCustomer) -> None:
    gmi.customer.settings(generation_seconds=0.4)
    made = gmi.created(VEO, durationSeconds="3", aspectRatio="9:16", generateAudio=True)
    assert made.keys() == {
        "request_id",
        "model",
        "status",
        "created_at",
        "updated_at",
        "queued_at",
    }
    assert made["status"] == "dispatched"
    assert isinstance(made["created_at"], int)
    seen = [gmi.record(made["request_id"])]
    assert seen[0]["outcome"] is None
    assert seen[0]["payload"]["durationSeconds"] == "3"
    assert seen[0]["is_public"] is False
    while seen[-1]["status"] != "success":
        seen.append(gmi.record(made["request_id"]))
    words = list(dict.fromkeys(record["status"] for record in seen))
    assert words in (["queued", "processing", "success"], ["processing", "success"])
    outcome = seen[-1]["outcome"]
    assert outcome == gmi.record(made["request_id"])["outcome"]
    clip = decoded(fetched(gmi, outcome["video_url"], "video/mp4"))
    assert (clip.size(), len(clip.frames), clip.has_sound) == ((720, 1280), 73, True)
    small = fetched(gmi, outcome["thumbnail_image_url"], "image/jpeg")
    assert Image.open(io.BytesIO(small)).size == (320, 180)


def test_a_clip_between_two_pictures(gmi: GmiCustomer) -> None:
    tail = f"{gmi.customer.pictures.base_url}/hall.jpg"
    pictures = {"image": gmi.customer.picture_url, "image_tail": tail}
    made = gmi.created(KLING, duration="3", **pictures)
    outcome = gmi.ended(made["request_id"])["outcome"]
    assert [entry.keys() for entry in outcome["media_urls"]] == [{"id", "url"}]
    assert fetched(gmi, outcome["media_urls"][0]["url"], "video/mp4")[4:8] == b"ftyp"


def test_pictures_are_there_when_the_create_is_answered(gmi: GmiCustomer) -> None:
    made = gmi.created(PICTURE, size="1792x2240", output_format="png")
    assert made["status"] == "success"
    assert made["outcome"].keys() == {"media_urls", "thumbnail_image_url"}
    picture = fetched(gmi, made["outcome"]["media_urls"][0]["url"], "image/png")
    assert Image.open(io.BytesIO(picture)).size == (1792, 2240)
    assert gmi.record(made["request_id"])["outcome"] == made["outcome"]


def test_other_pictures_take_their_time(gmi: GmiCustomer) -> None:
    made = gmi.created("gemini-3.1-flash-image-preview", image=[gmi.customer.picture_url])
    assert made["status"] == "dispatched"
    outcome = gmi.ended(made["request_id"])["outcome"]
    fetched(gmi, outcome["media_urls"][0]["url"], "image/jpeg")


def test_speech_is_there_when_the_create_is_answered(gmi: GmiCustomer) -> None:
    made = gmi.created(SPEECH, prompt=None, text="Welcome to the kitchen of the year.")
    assert made["status"] == "success"
    assert made["outcome"].keys() == {"media_urls"}
    sound = fetched(gmi, made["outcome"]["media_urls"][0]["url"], "audio/mpeg")
    assert sound[:3] == b"ID3" or sound[0] == 0xFF


def test_music_takes_its_time(gmi: GmiCustomer) -> None:
    made = gmi.created("minimax-music-3.0", duration=3)
    assert made["status"] == "dispatched"
    outcome = gmi.ended(made["request_id"])["outcome"]
    fetched(gmi, outcome["media_urls"][0]["url"], "audio/mpeg")


def test_a_sound_alone_may_be_enough(gmi: GmiCustomer) -> None:
    sound = {"audio_uri": "https://media.example/a.mp3"}
    made = gmi.created("ltx-2-pro-audio-to-video", prompt=None, **sound)
    assert gmi.ended(made["request_id"])["status"] == "success"


def test_an_element_is_no_file(gmi: GmiCustomer) -> None:
    named = {"element_name": "Lamp", "element_frontal_image": gmi.customer.picture_url}
    made = gmi.created("kling-create-element", prompt=None, **named)
    assert gmi.ended(made["request_id"])["outcome"].keys() == {"element_id"}


@pytest.mark.parametrize(
    ("model", "payload", "status", "word"),
    [
        ("nobody-knows-it", {}, 404, "model not found"),
        ("../../secrets", {}, 404, "model not found"),
        (VEO, {"prompt": None}, 400, "prompt is missing"),
        (VEO, {"prompt": " "}, 400, "prompt is missing"),
        (SPEECH, {}, 400, "text is missing"),
        (VEO, {"durationSeconds": 600}, 400, "duration"),
        (VEO, {"durationSeconds": "long"}, 400, "duration"),
    ],
)
def test_bad_creates_are_refused(
    gmi: GmiCustomer, model: str, payload: dict[str, Any], status: int, word: str
) -> None:
    answer = gmi.create(model, **payload)
    assert answer.status_code == status
    assert word in answer.json()["error"]
    assert gmi.customer.tasks() == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"model": "Veo3"}', b'{"model": 5}'])
def test_bodies_that_are_no_create(gmi: GmiCustomer, body: bytes) -> None:
    assert gmi.call("POST", "requests", content=body).status_code == 400


def test_a_picture_that_is_none_fails_the_request(gmi: GmiCustomer) -> None:
    made = gmi.created(KLING, image=f"{gmi.customer.pictures.base_url}/missing.jpg")
    record = gmi.ended(made["request_id"])
    assert record["status"] == "failed"
    assert record["outcome"]["error_code"] == "generation_failed"


def test_a_wrong_key_or_none(gmi: GmiCustomer) -> None:
    for key in ("", "of-somebody-else"):
        assert gmi.call("GET", "models", key=key).status_code == 401
    assert gmi.call("GET", "models", key=GMI_KEY).status_code == 200


def test_models_are_listed_and_described(gmi: GmiCustomer) -> None:
    names = gmi.call("GET", "models").json()["model_ids"]
    assert VEO in names
    page = gmi.call("GET", f"models/{SPEECH}").json()
    assert page["parameters"] == [{"name": "text", "type": "string", "required": True}]
    gmi.customer.settings(gone_models=[VEO])
    assert VEO not in gmi.call("GET", "models").json()["model_ids"]
    assert gmi.create(VEO).status_code == 404


def test_requests_are_listed_newest_first(gmi: GmiCustomer) -> None:
    ids = [gmi.created(model)["request_id"] for model in (VEO, KLING, VEO)]
    listed = gmi.call("GET", "requests").json()["requests"]
    assert [record["request_id"] for record in listed] == ids[::-1]
    of_veo = gmi.call("GET", "requests", params={"model": VEO}).json()["requests"]
    assert [record["request_id"] for record in of_veo] == [ids[2], ids[0]]


def test_an_unknown_request(gmi: GmiCustomer) -> None:
    assert gmi.call("GET", "requests/nobody-knows-it").status_code == 404


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("rate_limited", 429),
        ("auth", 401),
        ("quota", 402),
        ("invalid_input", 400),
        ("model_gone", 404),
        ("server_error", 503),
    ],
)
def test_refusals_make_nothing(gmi: GmiCustomer, fault: str, status: int) -> None:
    gmi.fault("submit", fault, retry_after=2)
    answer = gmi.create()
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "2"
    assert gmi.customer.tasks() == []
    assert gmi.create().status_code == 200


@pytest.mark.parametrize("fault", ["drop_reply", "gateway_timeout"])
def test_a_lost_answer_is_of_a_request_that_exists(gmi: GmiCustomer, fault: str) -> None:
    gmi.fault("submit", fault)
    if fault == "drop_reply":
        with pytest.raises(httpx.RemoteProtocolError):
            gmi.create()
    else:
        assert gmi.create().status_code == 504
    eventually(lambda: gmi.customer.tasks()[0]["status"] == "success")


@pytest.mark.parametrize("operation", ["submit", "poll"])
@pytest.mark.parametrize(
    ("fault", "code"),
    [("failed", "generation_failed"), ("content_policy", "content_policy_violation")],
)
def test_failures_have_a_code(gmi: GmiCustomer, operation: str, fault: str, code: str) -> None:
    gmi.fault(operation, fault)
    record = gmi.ended(gmi.created()["request_id"])
    assert record["status"] == "failed"
    assert record["outcome"]["error_code"] == code


def test_a_broken_file(gmi: GmiCustomer) -> None:
    gmi.fault("result", "html")
    outcome = gmi.ended(gmi.created()["request_id"])["outcome"]
    page = fetched(gmi, outcome["video_url"], "video/mp4")
    assert page.startswith(b"<!doctype html>")


def test_chat_is_no_request_of_the_queue(gmi: GmiCustomer) -> None:
    headers = {"Authorization": f"Bearer {GMI_KEY}"}
    said = [{"role": "user", "content": "A lamp"}]
    body = {"model": "openai/gpt-5.5", "messages": said}
    client = gmi.customer.client
    answer = client.post("/gmi/v1/chat/completions", json=body, headers=headers).json()
    assert answer["choices"][0]["message"]["content"]
    assert answer["usage"]["total_tokens"] > 0
    assert gmi.call("GET", "requests").json() == {"requests": []}
    assert gmi.call("GET", f"requests/{answer['id']}").status_code == 404


def test_an_unknown_chat_model_is_refused_in_plain_text(gmi: GmiCustomer) -> None:
    headers = {"Authorization": f"Bearer {GMI_KEY}"}
    body = {"model": "MiniMax-M3", "messages": [{"role": "user", "content": "A lamp"}]}
    answer = gmi.customer.client.post("/gmi/v1/chat/completions", json=body, headers=headers)
    assert answer.status_code == 404
    assert answer.text == "No matching target server found for model MiniMax-M3"
