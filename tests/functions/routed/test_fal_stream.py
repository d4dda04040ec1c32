"""fal-stream through the API: what is streamed while it is made, kept, paid, and replayed."""

import io
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from local.stack import Stack
from tests.functions.routed.streams import (
    FLUX,
    KLING,
    KLING_FROM_PICTURE,
    Event,
    body,
    followed,
    opened,
    refused,
    result,
    streamed,
)
from tests.functions.videos.conftest import Buyer, newcomer, seconds_of, size_of
from tests.support.http import eventually

pytestmark = pytest.mark.stack
LIP_SYNC = "fal-ai/latentsync"


@pytest.fixture
def buyer(stack: Stack) -> Iterator[Buyer]:
    yield from newcomer(stack)


@pytest.fixture
def poor(stack: Stack) -> Iterator[Buyer]:
    yield from newcomer(stack, 10)


def fetched(url: str) -> bytes:
    answer = httpx.get(url, follow_redirects=True)
    assert answer.status_code == 200
    return answer.content


def kinds(events: list[Event]) -> list[str]:
    """The events' kinds, each run of equal ones once."""
    found = [event.kind for event in events]
    return [
        kind for place, kind in enumerate(found) if kind != (found[place - 1 : place] or [0])[0]
    ]


def test_a_picture_is_made_stored_and_paid_at_the_catalogues_price(buyer: Buyer) -> None:
    inputs = {"prompt": "A bright living room", "image_size": "landscape_16_9", "num_images": 2}
    events = streamed(buyer, FLUX, inputs, media_type="image", request_id="two pictures")
    assert kinds(events) == ["meta", "progress", "done"]
    meta, done = events[0].data, result(events)
    assert (meta["requested_model"], meta["resolved_model"]) == (FLUX, FLUX)
    assert (meta["fallback_used"], meta["fallback_reason"]) == (False, None)
    assert (meta["media_type"], meta["request_id"]) == ("image", "two pictures")
    assert (meta["job_id"], meta["credits"]) == (done["job_id"], 6)
    assert (done["model"], done["credits"]) == (FLUX, 6)
    urls = [picture["url"] for picture in done["result"]["images"]]
    assert [file["url"] for file in done["files"]] == urls
    assert done["storage_url"] == urls[0]
    for url in urls:
        assert url.startswith(f"{buyer.stack.base_url}/storage/v1/object/public/project-assets/")
        assert Image.open(io.BytesIO(fetched(url))).size == (1024, 576)
    assert buyer.spent() == 6


def test_a_repeated_request_gets_the_same_result_at_no_cost(buyer: Buyer) -> None:
    request = body(buyer, request_id=str(uuid.uuid4()))
    first, again = followed(buyer, request), followed(buyer, request)
    assert again[0].kind == "meta"
    assert result(again) == result(first)
    assert len(buyer.vendor_orders()) == 1
    status, error = refused(buyer, body(buyer, KLING, request_id=request["request_id"]))
    assert (status, error["code"]) == (422, "idempotency_mismatch")
    assert buyer.spent() == 3


def test_the_same_request_twice_at_once_is_one_job(buyer: Buyer) -> None:
    request = body(buyer, KLING_FROM_PICTURE, {"prompt": "Pan", "image_url": buyer.upload()})
    request["request_id"] = "twice"
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: followed(buyer, request), range(2))
    assert result(one) == result(other)
    assert len(buyer.vendor_orders()) == 1
    assert buyer.spent() == 42


def test_progress_is_streamed_while_the_work_runs(buyer: Buyer, tmp_path: Path) -> None:
    buyer.slow_down(3)
    inputs = {"prompt": "Waves", "duration": "5", "aspect_ratio": "9:16"}
    with opened(buyer, body(buyer, KLING, inputs)) as stream:
        events = list(stream)
    done = result(events)
    assert events[0].seconds < events[-1].seconds - 2.5
    steps = [event.data["event"] for event in events if event.kind == "progress"]
    assert [step["progress"] for step in steps] == sorted(step["progress"] for step in steps)
    words = [step["status"] for step in steps]
    assert words == sorted(words, key=["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].index)
    assert (words[0], words[-1]) == ("IN_QUEUE", "COMPLETED")
    logged = [step["logs"] for step in steps if step["status"] != "IN_QUEUE"]
    assert all(logs in ([], [{"message": "Generating..."}]) for logs in logged)
    video = fetched(done["result"]["video"]["url"])
    assert round(seconds_of(video, tmp_path)) == 5
    width, height = size_of(video, tmp_path)
    assert width < height
    file = done["files"][0]
    assert (file["width"], file["height"], round(file["duration_seconds"])) == (width, height, 5)
    assert buyer.spent() == 20


def test_a_clip_starts_from_the_callers_picture_by_a_url_of_ours(buyer: Buyer) -> None:
    url = buyer.upload()
    inputs = {"prompt": "Dolly in", "image_url": url, "image_urls": [url], "duration": 5}
    done = result(streamed(buyer, KLING_FROM_PICTURE, inputs))
    assert done["result"]["video"]["url"] == done["storage_url"]
    sent = buyer.vendor_tasks()[0]["inputs"]
    assert sent["image_url"] != url
    assert "project-assets/" in sent["image_url"]
    assert "Signature" in sent["image_url"]
    assert sent["duration"] == "5"


def test_a_result_as_long_as_its_sound_is_paid_by_its_length(buyer: Buyer, tmp_path: Path) -> None:
    clip, sound = tmp_path / "clip.mp4", tmp_path / "speech.wav"
    picture = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10", "-pix_fmt", "yuv420p"]
    tone = ["-f", "lavfi", "-i", "sine=frequency=300"]
    quiet = ["ffmpeg", "-nostdin", "-v", "error"]
    subprocess.run([*quiet, *picture, "-t", "2", str(clip)], check=True)
    subprocess.run([*quiet, *tone, "-t", "5", str(sound)], check=True)
    inputs = {
        "video_url": sent_up(buyer, clip, "video/mp4"),
        "audio_url": sent_up(buyer, sound, "audio/wav"),
    }
    events = streamed(buyer, LIP_SYNC, inputs)
    assert events[0].data["credits"] == 8  # 15 for 10 seconds
    assert result(events)["credits"] == 8
    assert buyer.spent() == 8
    subprocess.run([*quiet, *tone, "-t", "62", "-y", str(sound)], check=True)
    too_long = inputs | {"audio_url": sent_up(buyer, sound, "audio/wav")}
    status, error = refused(buyer, body(buyer, LIP_SYNC, too_long))
    assert (status, error["code"]) == (400, "media_too_long")
    inputs["video_url"] = inputs["audio_url"]
    status, error = refused(buyer, body(buyer, LIP_SYNC, inputs))
    assert (status, error["code"]) == (400, "media_type")


def sent_up(buyer: Buyer, file: Path, content_type: str) -> str:
    data = file.read_bytes()
    wish = {"fileName": file.name, "contentType": content_type, "size": len(data)}
    made = buyer.json("POST", "/api/uploads", {"workspaceId": buyer.workspace_id, **wish})
    target = made["upload"]
    httpx.put(target["url"], content=data, headers=target["headers"]).raise_for_status()
    return str(made["url"])


def test_a_result_may_be_words_alone(buyer: Buyer, tmp_path: Path) -> None:
    sound = tmp_path / "speech.wav"
    tone = ["-f", "lavfi", "-i", "sine=frequency=300", "-t", "1", str(sound)]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *tone], check=True)
    inputs = {"audio_url": sent_up(buyer, sound, "audio/wav")}
    done = result(streamed(buyer, "fal-ai/whisper", inputs))
    assert done["result"]["text"] == "A quiet room."
    assert (done["storage_url"], done["files"]) == (None, [])
    assert buyer.spent() == done["credits"] > 0


def test_the_work_goes_on_when_the_client_leaves(buyer: Buyer) -> None:
    request = body(buyer, request_id="left early")
    buyer.slow_down(1)
    with opened(buyer, request) as stream:
        job_id = next(stream).data["job_id"]
    eventually(lambda: buyer.jobs()[0]["status"] == "completed")
    assert result(followed(buyer, request))["job_id"] == job_id
    assert buyer.spent() == 3


def test_those_who_watch_have_places_of_their_own(stack: Stack) -> None:
    pools = stack.functions.pools.values()
    reserved = {pool.spec.folder: pool.spec.reserved_concurrency for pool in pools}
    assert {name for name, places in reserved.items() if places == 30} == {
        "auto_generate_stream",
        "compute_execute",
        "fal_stream",
        "gen_shots",
        "realtime_run",
        "run_events",
    }


def test_who_comes_back_may_have_the_stream_in_parts(buyer: Buyer) -> None:
    request = body(buyer, request_id="in parts")
    buyer.slow_down(2)
    first = followed(buyer, request, Prefer="wait=1")
    assert kinds(first) == ["meta", "progress"]
    assert first[-1].seconds < 2
    last = followed(buyer, request)
    assert (kinds(last)[0], result(last)["job_id"]) == ("meta", first[0].data["job_id"])
    assert len(buyer.vendor_orders()) == 1
    assert buyer.spent() == 3


def test_too_few_credits_are_refused_before_anything_is_done(poor: Buyer) -> None:
    before = poor.pictures()
    inputs = {"prompt": "Dolly in", "image_url": poor.upload()}
    status, error = refused(poor, body(poor, KLING_FROM_PICTURE, inputs))
    assert (status, error["code"]) == (402, "insufficient_credits")
    assert (error["required"], error["available"]) == (42, 10)
    assert error["top_up_url"]
    assert poor.pictures() == before
    assert (poor.vendor_orders(), poor.jobs()) == ([], [])


def test_what_is_not_the_callers_is_not_found(buyer: Buyer, stack: Stack) -> None:
    assert stack.other_tenant is not None
    foreign = stack.other_tenant.workspace_id
    status, error = refused(buyer, body(buyer) | {"workspace_id": foreign})
    assert (status, error["code"]) == (404, "not_found")


def test_a_project_is_a_note_on_the_job_as_in_the_documented_example(buyer: Buyer) -> None:
    request = body(buyer, project_id="my-project-id") | {"workspace_id": None}
    done = result(followed(buyer, request))
    assert buyer.row(done["job_id"])["project_id"] == "my-project-id"
    assert buyer.row(done["job_id"])["workspace_id"] == buyer.workspace_id


WRONG: list[tuple[dict[str, Any], str, str | None]] = [
    ({"modelId": "fal-ai/flux/schnel"}, "unknown_model", "modelId"),
    ({"modelId": None}, "invalid_input", "modelId"),
    ({"modelId": "gmi/kling-v3-omni"}, "wrong_endpoint", None),
    ({"media_type": "video"}, "wrong_media_type", "media_type"),
    ({"inputs": {}}, "invalid_input", "prompt"),
    ({"inputs": {"prompt": "x", "num_images": 40}}, "invalid_input", "num_images"),
    ({"inputs": {"prompt": "x", "image_size": "huge"}}, "invalid_input", "image_size"),
    ({"inputs": {"prompt": "x", "seed": "one"}}, "invalid_input", "seed"),
    (
        {"inputs": {"prompt": "x", "video_url": "https://a.example/b.mp4"}},
        "input_unsupported",
        None,
    ),
    ({"inputs": [1]}, "invalid_input", "inputs"),
    ({"request_id": "a\nb"}, "invalid_input", "request_id"),
    ({"strict": "yes"}, "invalid_input", "strict"),
]


def test_an_invalid_request_is_refused_with_its_field(
    buyer: Buyer, subtests: pytest.Subtests
) -> None:
    for change, code, field in WRONG:
        with subtests.test(change=str(change)):
            status, error = refused(buyer, body(buyer) | change)
            assert (status, error["code"]) == (400, code), error
            assert (error["success"], bool(error["requestId"])) == (False, True)
            if field is not None:
                assert field in [detail["field"] for detail in error["details"]]
    assert (buyer.jobs(), buyer.vendor_orders()) == ([], [])


def test_a_picture_that_would_not_be_looked_at_is_refused_with_the_model_that_does(
    buyer: Buyer,
) -> None:
    inputs = {"prompt": "Dolly in", "image_url": buyer.upload()}
    status, error = refused(buyer, body(buyer, KLING, inputs))
    assert (status, error["code"]) == (400, "input_unsupported")
    assert KLING_FROM_PICTURE in error["message"]


@pytest.mark.parametrize("url", ["http://a.example/b.jpg", "https://127.0.0.1/b.jpg"])
def test_a_picture_from_an_unsafe_place_is_refused(buyer: Buyer, url: str) -> None:
    inputs = {"prompt": "Dolly in", "image_url": url}
    status, error = refused(buyer, body(buyer, KLING_FROM_PICTURE, inputs))
    assert (status, error["code"]) == (400, "blocked_url")
    assert (buyer.jobs(), buyer.account()["held"]) == ([], 0)


def test_a_refused_prompt_costs_nothing_and_the_same_request_may_be_sent_anew(
    buyer: Buyer,
) -> None:
    buyer.spoil("poll", "content_policy", "fal")
    request = body(buyer, request_id="refused")
    last = followed(buyer, request)[-1]
    assert (last.kind, last.data["code"], last.data["credits"]) == ("error", "content_policy", 0)
    assert last.data["message"] == last.data["error"]
    assert buyer.spent() == 0
    assert result(followed(buyer, request))["job_id"] != last.data["job_id"]


def test_a_gone_models_successor_makes_it_and_is_disclosed(buyer: Buyer) -> None:
    buyer.spoil("submit", "model_gone", "fal")
    events = streamed(buyer, "fal-ai/flux/dev")
    fallback = next(event.data for event in events if event.kind == "fallback")
    assert (fallback["requested_model"], fallback["resolved_model"]) == ("fal-ai/flux/dev", FLUX)
    reason = f"model_gone:fal-ai/flux/dev->replacement:{FLUX}"
    done = result(events)
    assert (done["model"], done["fallback_used"], done["fallback_reason"]) == (FLUX, True, reason)
    assert buyer.vendor_tasks()[0]["model"] == FLUX
    assert buyer.spent() == done["credits"] == 3


def test_strict_forbids_any_other_model(buyer: Buyer) -> None:
    buyer.spoil("submit", "model_gone", "fal")
    last = streamed(buyer, "fal-ai/flux/dev", strict=True)[-1].data
    assert (last["type"], last["code"], last["fallback_used"]) == ("error", "model_gone", False)
    assert buyer.spent() == 0


def test_a_busy_vendor_is_asked_again_and_paid_once(buyer: Buyer) -> None:
    buyer.spoil("submit", "rate_limited", "fal", retry_after=1)
    result(streamed(buyer))
    assert len(buyer.vendor_tasks()) == 1
    assert buyer.spent() == 3


def test_a_create_whose_answer_was_lost_is_found_by_its_signed_webhook(buyer: Buyer) -> None:
    buyer.spoil("submit", "drop_reply", "fal")
    result(streamed(buyer))
    assert len(buyer.vendor_tasks()) == 1
    assert buyer.spent() == 3


def test_a_lost_webhook_costs_time_alone_and_a_forged_one_nothing(buyer: Buyer) -> None:
    buyer.spoil("webhook", "webhook_lost", "fal", match={"prompt_contains": "lost"})
    buyer.spoil("webhook", "webhook_forged", "fal", match={"prompt_contains": "forged"})
    with ThreadPoolExecutor(2) as pool:
        wishes = [{"prompt": f"A {word} picture"} for word in ("lost", "forged")]
        both = list(pool.map(lambda inputs: result(streamed(buyer, FLUX, inputs)), wishes))
    assert len(both) == 2
    answer = buyer.http.post(
        f"/webhooks/fal?attempt={both[0]['job_id']}-1",
        json={"request_id": str(uuid.uuid4()), "status": "OK"},
        headers={"x-fal-webhook-signature": "00" * 64},
    )
    assert answer.status_code == 401
    assert buyer.spent() == 6


def test_a_file_that_is_no_picture_is_never_delivered(buyer: Buyer) -> None:
    buyer.spoil("result", "html", "fal", count=6)
    last = streamed(buyer, strict=True)[-1].data
    assert (last["type"], last["code"]) == ("error", "bad_delivery")
    assert buyer.spent() == 0


def test_a_canceled_job_ends_its_stream(buyer: Buyer) -> None:
    buyer.slow_down(20)
    with opened(buyer, body(buyer)) as stream:
        job_id = next(stream).data["job_id"]
        buyer.json("POST", f"/api/jobs/{job_id}/cancel", {})
        last = list(stream)[-1].data
    assert (last["type"], last["code"], last["credits"]) == ("error", "canceled", 0)
