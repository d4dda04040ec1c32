"""Videos for social media, and every model of both endpoints at its documented price."""

from pathlib import Path

import httpx
import pytest

from tests.functions.videos.conftest import INTERIOR, NO_WAIT, SOCIAL, Buyer, seconds_of, size_of
from tests.support.samples import first

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("path", "model", "maker", "price", "seconds"),
    first(
        3,  # one of each vendor
        [
            (INTERIOR, "veo-2", "gemini-omni-1.1-flash", 30, 8),
            (INTERIOR, "kling-v3.0", "kling-v3.0", 20, 5),
            (INTERIOR, "wan2.1-i2v-720p", "wan2.1-i2v-720p", 12, 5),
            (INTERIOR, "runway-gen4-turbo", "runway-gen4-turbo", 40, 5),
            (SOCIAL, "kling-1.6-pro", "kling-v3.0", 15, 5),
            (SOCIAL, "veo-2", "gemini-omni-1.1-flash", 30, 8),
        ],
    ),
)
def test_every_model_makes_its_video_at_the_documented_price(
    buyer: Buyer, tmp_path: Path, path: str, model: str, maker: str, price: int, seconds: int
) -> None:
    made = buyer.made(path, model=model, aspect_ratio="9:16")
    assert (made["requested_model"], made["model"]) == (model, maker)
    assert (made["credits_used"], made["duration"]) == (price, seconds)
    assert made["fallback_used"] is (maker != model)
    reason = f"retired:{model}->successor:{maker}" if maker != model else None
    assert made["fallback_reason"] == reason
    video = httpx.get(made["video_url"], follow_redirects=True).content
    width, height = size_of(video, tmp_path)
    assert width / height == pytest.approx(9 / 16, rel=0.03)
    assert seconds_of(video, tmp_path) == pytest.approx(seconds, abs=0.5)
    assert buyer.spent() == price


def test_the_defaults_are_those_of_social_media(buyer: Buyer, tmp_path: Path) -> None:
    made = buyer.made(SOCIAL, model=None)
    assert (made["requested_model"], made["credits_used"]) == ("kling-1.6-pro", 15)
    assert (made["duration"], made["video_type"]) == (5, None)
    video = httpx.get(made["video_url"], follow_redirects=True).content
    width, height = size_of(video, tmp_path)
    assert height > width


def test_without_a_picture_the_prompt_alone_is_filmed_where_the_model_can(buyer: Buyer) -> None:
    assert buyer.refused(SOCIAL, model="veo-2", image_url=None) == (400, "image_required")
    made = buyer.made(SOCIAL, model=None, image_url=None)
    assert made["credits_used"] == 15
    assert "start_image" not in buyer.vendor_orders()[0]["body"]["input"]


def test_the_answer_to_who_does_not_wait_names_this_endpoint(buyer: Buyer) -> None:
    answer = buyer.order(SOCIAL, headers=NO_WAIT, model="veo-2")
    told = answer.json()
    assert (answer.status_code, told["credits_used"]) == (202, 30)
    assert told["message"].endswith(f"Poll {SOCIAL}?job_id={told['job_id']}")
    assert answer.headers["location"].endswith(f"{SOCIAL}?job_id={told['job_id']}")
    assert buyer.ended(told["job_id"]) == buyer.poll(told["job_id"], SOCIAL)


def test_only_its_own_models_and_ratios_are_sold_here(buyer: Buyer) -> None:
    assert buyer.refused(SOCIAL, model="kling-v3.0") == (400, "unknown_model")
    ratio = {"model": "veo-2", "aspect_ratio": "1:1"}
    assert buyer.refused(SOCIAL, **ratio) == (400, "aspect_ratio_unsupported")
    before = {"model": None, "before_image_url": buyer.upload()}
    assert buyer.refused(SOCIAL, **before) == (400, "before_image_unsupported")
    dear = {"model": None, "workspace_id": "another"}
    assert buyer.refused(SOCIAL, **dear) == (404, "not_found")


def test_too_few_credits_are_402_here_too(poor: Buyer) -> None:
    poor.made(SOCIAL, model="veo-2")
    poor.made(SOCIAL, model=None)
    answer = poor.order(SOCIAL, model="veo-2")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (402, "insufficient_credits")
    assert (told["required"], told["available"]) == (30, 15)
