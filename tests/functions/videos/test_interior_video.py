"""Videos of rooms through the API: what is answered, made, kept and paid."""

import io
import re
import struct
import time
import uuid
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from local.stack import Stack
from showreel.assets.storage import SIGNED_GET_SECONDS
from tests.functions.videos.conftest import (
    BLUE,
    INTERIOR,
    NO_WAIT,
    RED,
    SOCIAL,
    Buyer,
    photo,
    size_of,
)
from tests.support.http import eventually
from tests.support.samples import first

pytestmark = pytest.mark.stack
DISCLOSED = {"duration", "requested_model", "fallback_used", "fallback_reason"}


def test_a_video_that_is_made_in_time_is_answered_as_documented(buyer: Buyer) -> None:
    before = time.monotonic()
    made = buyer.made(model=None, video_type="social_reel")
    took_ms = (time.monotonic() - before) * 1000
    documented = {"success", "video_url", "model", "credits_used", "duration_ms"}
    assert set(made) == documented | {"job_id", "status", "video_type"} | DISCLOSED
    assert made["success"] is True
    job_id = made["job_id"]
    assert str(uuid.UUID(job_id)) == job_id
    path = "/storage/v1/object/public/generation-videos/"
    assert re.fullmatch(f"{buyer.stack.base_url}{path}[A-Za-z0-9_-]{{32}}.mp4", made["video_url"])
    assert job_id not in made["video_url"]  # which the vendor knows
    assert (made["model"], made["credits_used"], made["duration"]) == ("kling-v3.0", 20, 5)
    assert isinstance(made["duration_ms"], int)
    assert 0 < made["duration_ms"] <= took_ms
    assert (made["status"], made["video_type"]) == ("completed", "social_reel")
    assert made["requested_model"] == "kling-v3.0"
    assert (made["fallback_used"], made["fallback_reason"]) == (False, None)
    assert buyer.spent() == 20


def test_the_row_has_every_documented_column(buyer: Buyer) -> None:
    made = buyer.made()
    row = buyer.row(made["job_id"])
    assert row["id"] == made["job_id"]
    assert row["prediction_id"] == buyer.vendor_tasks()[0]["task_id"]
    assert row["status"] == "completed"
    assert row["video_url"] == made["video_url"]
    assert row["model"] == "kling-v3.0"
    assert row["credits_debited"] == "20"
    assert row["workspace_id"] == buyer.workspace_id


def test_who_does_not_wait_is_answered_as_documented_and_polls(buyer: Buyer) -> None:
    buyer.slow_down(1)
    answer = buyer.order(headers=NO_WAIT)
    assert answer.status_code == 202
    told = answer.json()
    documented = {"success", "status", "job_id", "prediction_id", "model", "credits_used"}
    assert set(told) == documented | {"message"} | DISCLOSED
    assert (told["success"], told["status"], told["credits_used"]) == (True, "processing", 20)
    poll = f"{INTERIOR}?job_id={told['job_id']}"
    assert told["message"] == f"Video generation in progress. Poll {poll}"
    assert answer.headers["location"] == buyer.stack.base_url + poll
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["preference-applied"] == "respond-async"
    account = buyer.account()
    assert (account["available"], account["held"] + 1000 - account["balance"]) == (980, 20)

    seen = [buyer.poll(told["job_id"])]
    while seen[-1]["status"] == "processing":
        time.sleep(0.1)
        seen.append(buyer.poll(told["job_id"]))
    first, last = seen[0], seen[-1]
    assert (first["success"], first["status"], first["credits_used"]) == (True, "processing", 20)
    assert not {"video_url", "error", "code", "completed_at"} & set(first)
    assert (last["success"], last["status"], last["credits_used"]) == (True, "completed", 20)
    assert last["completed_at"] > last["created_at"] == first["created_at"]
    assert last["prediction_id"] == buyer.vendor_tasks()[0]["task_id"]
    assert httpx.get(last["video_url"], follow_redirects=True).content[4:8] == b"ftyp"
    progress = [one["progress"] for one in seen]
    assert progress == sorted(progress)
    assert progress[-1] == 100 > progress[0] >= 0
    assert buyer.poll(told["job_id"], SOCIAL) == last


def test_the_call_waits_as_long_as_the_caller_prefers(buyer: Buyer) -> None:
    buyer.slow_down(30)
    buyer.upload()
    started = time.monotonic()
    two = [("Prefer", "handling=lenient"), ("Prefer", 'WAIT="1"; x=y')]
    answer = buyer.http.post(INTERIOR, json=buyer.body(), headers=two)
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=1")
    assert 1 <= time.monotonic() - started < 15
    accepted = eventually(lambda: buyer.poll(answer.json()["job_id"])["prediction_id"])
    assert accepted == buyer.vendor_tasks()[0]["task_id"]


def test_the_call_waits_no_longer_than_the_window(kept: Buyer) -> None:
    kept.slow_down(2)
    answer = kept.order(headers={"Prefer": "wait=500"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=1")
    answer = kept.order()
    assert answer.status_code == 202
    assert "preference-applied" not in answer.headers
    assert kept.ended(answer.json()["job_id"])["status"] == "completed"


def test_the_live_clients_names_are_understood_and_the_documented_ones_win(buyer: Buyer) -> None:
    url = buyer.upload()
    order: dict[str, Any] = {"image_url": None, "source_image_url": url, "duration_seconds": 9}
    told = buyer.order(headers=NO_WAIT, **order).json()
    assert (told["duration"], told["credits_used"]) == (9, 36)
    both: dict[str, Any] = {
        "source_image_url": "http://10.0.0.1/",
        "duration": 3,
        "duration_seconds": 15,
    }
    told = buyer.order(headers=NO_WAIT, **both).json()
    assert (told["duration"], told["credits_used"]) == (3, 20), "the base price is the least"


def test_before_is_the_first_frame_and_image_url_the_last(buyer: Buyer) -> None:
    made = buyer.made(
        model=None,
        video_type="before_after",
        image_url=buyer.upload(BLUE),
        before_image_url=buyer.upload(RED),
    )
    row = buyer.row(made["job_id"])
    pictures = [row["wanted"][name]["S"] for name in ("image_key", "end_image_key")]
    first, last = (_colour(buyer.stored(key)) for key in pictures)
    assert first[0] > first[2]
    assert last[2] > last[0]
    first, last = (_colour(_sent(buyer, row, name)) for name in ("image", "image_tail"))
    assert first[0] > first[2]
    assert last[2] > last[0]


def _sent(buyer: Buyer, row: dict[str, Any], name: str) -> bytes:
    """The picture that the job's vendor was given; the signature of its URL isn't logged."""
    urls = [order["body"][name] for order in buyer.vendor_orders() if name in order["body"]]
    path = next(urlsplit(url).path for url in urls if row["job_id"] in url)
    return buyer.stored(f"work/{path.partition('/work/')[2]}")


def _colour(picture: bytes) -> Any:
    with Image.open(io.BytesIO(picture)) as image:
        return image.resize((1, 1)).getpixel((0, 0))


@pytest.mark.parametrize(
    ("ratio", "upright"), first(1, [("9:16", True), ("1:1", None), ("16:9", False)])
)
def test_a_landscape_photo_becomes_a_video_of_the_ratio_that_was_asked_for(
    buyer: Buyer, tmp_path: Path, ratio: str, upright: bool | None
) -> None:
    made = buyer.made(aspect_ratio=ratio)
    video = httpx.get(made["video_url"], follow_redirects=True).content
    width, height = size_of(video, tmp_path)
    across, _, down = ratio.partition(":")
    assert width / height == pytest.approx(int(across) / int(down), rel=0.01)
    row = buyer.row(made["job_id"])
    with Image.open(io.BytesIO(_sent(buyer, row, "image")), formats=["JPEG"]) as picture:
        assert picture.width / picture.height == pytest.approx(width / height, rel=0.01)
    assert (height > width) is (upright is True)
    assert buyer.stored(row["wanted"]["image_key"]["S"]) == photo(), "kept as it was sent"


def test_a_truncated_picture_is_refused_before_anything_is_held(buyer: Buyer) -> None:
    cut = buyer.upload_bytes(photo()[:-5000])
    before = buyer.pictures()
    assert buyer.refused(image_url=cut) == (400, "media_invalid")
    assert buyer.account()["available"] == 1000
    assert (buyer.jobs(), buyer.pictures()) == ([], before)


def test_damage_that_only_decoding_finds_ends_the_job_at_no_cost(buyer: Buyer) -> None:
    told = buyer.order(headers=NO_WAIT, image_url=buyer.upload_bytes(_hollow_png())).json()
    shown = buyer.ended(told["job_id"])
    assert (shown["status"], shown["code"]) == ("failed", "media_invalid")
    assert (shown["credits_used"], buyer.spent(), buyer.vendor_orders()) == (0, 0, [])


def _hollow_png() -> bytes:
    """Every part is there and every checksum right, but most of the pixels are missing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 640, 360, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    parts = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_a_square_walkthrough_goes_to_the_next_model_and_says_so(buyer: Buyer) -> None:
    wish: dict[str, Any] = {"model": None, "video_type": "walkthrough", "aspect_ratio": "1:1"}
    told = buyer.order(headers=NO_WAIT, **wish).json()
    assert (told["requested_model"], told["model"]) == ("veo-2", "kling-v3.0")
    assert told["fallback_used"] is True
    assert told["fallback_reason"] == "aspect_ratio_unsupported:veo-2->routed:kling-v3.0"
    assert told["credits_used"] == 20
    assert buyer.refused(model="veo-2", aspect_ratio="1:1") == (400, "aspect_ratio_unsupported")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"image_url": None}, "invalid_input"),
    ({"prompt": " "}, "invalid_input"),
    ({"prompt": "x" * 2501}, "invalid_input"),
    ({"model": None}, "invalid_input"),
    ({"duration": True}, "invalid_input"),
    ({"duration": "5"}, "invalid_input"),
    ({"duration": 0}, "invalid_input"),
    ({"duration": 60.5}, "invalid_input"),
    ({"aspect_ratio": "4:3"}, "invalid_input"),
    ({"model": "kling-1.6-pro"}, "unknown_model"),
    ({"video_type": "trailer"}, "unknown_video_type"),
    ({"before_image_url": "https://example.com/a.jpg"}, "before_image_unsupported"),
    ({"model": "runway-gen4-turbo", "prompt": "x" * 1001}, "prompt_too_long"),
    ({"model": "veo-2", "end_image_url": "https://e.com/a.jpg"}, "end_image_unsupported"),
    ({"image_url": "http://example.com/a.jpg"}, "blocked_url"),
    ({"image_url": "https://169.254.169.254/a.jpg"}, "blocked_url"),
]


def test_what_can_not_be_made_is_refused_before_anything_is_held(
    buyer: Buyer, subtests: pytest.Subtests
) -> None:
    for fields, code in WRONG:
        with subtests.test(fields=str(fields)[:80]):
            answer = buyer.order(**fields)
            assert (answer.status_code, answer.json()["code"]) == (400, code)
            assert answer.json()["success"] is False
            if code == "invalid_input":
                assert answer.json()["details"][0]["message"]
            if code == "unknown_model":
                assert "runway-gen4-turbo" in answer.json()["error"]
            if code == "unknown_video_type":
                assert "floorplan_flythrough" in answer.json()["error"]
    assert buyer.account()["available"] == 1000
    assert buyer.jobs() == []


def test_without_credits_nothing_is_fetched(poor: Buyer) -> None:
    answer = poor.order(model="veo-2", duration=8, image_url="https://10.0.0.1/a.jpg")
    assert answer.json()["code"] == "blocked_url", "with credits the picture is looked at"
    answer = poor.order(duration=15.4, prompt="x", image_url="https://10.0.0.1/a.jpg")
    assert answer.json()["code"] == "blocked_url"
    answer = poor.order(model="runway-gen4-turbo", duration=10, image_url="https://10.0.0.1/a.jpg")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (402, "insufficient_credits")
    assert (told["required"], told["available"]) == (80, 60)
    assert told["top_up_url"].startswith("http")
    assert poor.account()["held"] == 0


def test_strangers_learn_nothing(buyer: Buyer, poor: Buyer) -> None:
    made = buyer.made()
    for path in (INTERIOR, SOCIAL):
        for job_id in (made["job_id"], str(uuid.uuid4()), "../x"):
            answer = poor.http.get(path, params={"job_id": job_id})
            assert (answer.status_code, answer.json()["error"]) == (404, "Job not found")
        assert poor.http.get(path).json()["code"] == "invalid_input"
        assert httpx.get(f"{poor.stack.base_url}{path}?job_id=x").status_code == 401
        assert httpx.post(f"{poor.stack.base_url}{path}", json={}).status_code == 401
    for stranger in (buyer.workspace_id, str(uuid.uuid4())):
        order = {"workspace_id": stranger, "model": "none"}
        assert poor.refused(**order) == (404, "not_found")
    assert poor.http.put(INTERIOR, json={}).status_code == 405


def test_clips_of_films_are_not_shown_here(buyer: Buyer) -> None:
    clip = {"sourceImageUrl": buyer.upload()}
    project = {"name": "Home", "workspaceId": buyer.workspace_id, "clips": [clip]}
    made = buyer.json("POST", "/api/video-projects", project)
    run = {"videoProjectId": made["id"], "draft": True}
    buyer.json("POST", "/api/trigger-video", run)
    clips = eventually(buyer.jobs)
    answer = buyer.http.get(INTERIOR, params={"job_id": clips[0]["id"]})
    assert answer.status_code == 404
    buyer.spent()


def test_a_service_orders_and_polls_for_a_member(buyer: Buyer, stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.seeder.auth.service_token}"}
    body = buyer.body(user_id=buyer.user_id)
    told = buyer.http.post(INTERIOR, json=body, headers=headers | NO_WAIT).json()
    query = {"job_id": told["job_id"], "user_id": buyer.user_id}
    assert buyer.http.get(INTERIOR, params=query, headers=headers).json()["success"] is True
    stranger = buyer.body(user_id="somebody")
    assert buyer.http.post(INTERIOR, json=stranger, headers=headers).status_code == 404
    assert buyer.order(user_id="somebody").status_code == 403
    assert buyer.ended(told["job_id"])["status"] == "completed"


def test_the_video_stays_where_it_is(buyer: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = buyer.made()["video_url"]
    first = httpx.get(url)
    assert first.status_code == 302
    whole = httpx.get(first.headers["location"])
    assert whole.headers["content-type"] == "video/mp4"
    part = httpx.get(url, headers={"Range": "bytes=4-7"}, follow_redirects=True)
    assert (part.status_code, part.content) == (206, b"ftyp")
    size = httpx.head(url, follow_redirects=True).headers["content-length"]
    assert int(size) == len(whole.content)

    from datetime import datetime, timedelta

    from local.aws import presign

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=SIGNED_GET_SECONDS + 1)

    monkeypatch.setattr(presign, "datetime", Later)
    assert httpx.get(first.headers["location"]).status_code == 403
    monkeypatch.undo()
    assert httpx.get(url, follow_redirects=True).content == whole.content
