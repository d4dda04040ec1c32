"""Which model makes what at which price: the documented tables, from the catalogue."""

from typing import Any

import pytest

from showreel.core.errors import InvalidInput
from showreel.singles.video.routing import VideoSpec, choose
from showreel.singles.video.schemas import VideoOrder

PHOTO = "https://example.com/room.jpg"


def chosen(product: str = "interior", **fields: Any) -> VideoSpec:
    order = {"prompt": "Slow pan", "image_url": PHOTO, "workspace_id": "w"} | fields
    return choose(product, VideoOrder.model_validate(order))


def refusal(product: str = "interior", **fields: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        chosen(product, **fields)
    return caught.value


@pytest.mark.parametrize(
    ("video_type", "model"),
    [
        ("walkthrough", "veo-2"),
        ("floorplan_flythrough", "veo-2"),
        ("product_spotlight", "kling-v3.0"),
        ("before_after", "kling-v3.0"),
        ("social_reel", "kling-v3.0"),
    ],
)
def test_a_type_has_its_model(video_type: str, model: str) -> None:
    choice = chosen(video_type=video_type)
    assert (choice.model.id, choice.requested_model) == (model, model)
    assert choice.fallback_reason is None
    assert choice.aspect_ratio == "16:9"


@pytest.mark.parametrize(
    ("product", "model", "price", "seconds"),
    [
        ("interior", "veo-2", 30, 8),
        ("interior", "kling-v3.0", 20, 5),
        ("interior", "wan2.1-i2v-720p", 12, 5),
        ("interior", "runway-gen4-turbo", 40, 5),
        ("social", "kling-1.6-pro", 15, 5),
        ("social", "veo-2", 30, 8),
    ],
)
def test_a_model_has_its_documented_price(
    product: str, model: str, price: int, seconds: int
) -> None:
    choice = chosen(product, model=model)
    assert (choice.credits, choice.duration_seconds) == (price, seconds)


@pytest.mark.parametrize(
    ("model", "wanted", "made", "price"),
    [
        ("veo-2", 3, 5, 30),
        ("veo-2", 60, 8, 30),
        ("kling-v3.0", 1, 3, 20),
        ("kling-v3.0", 7.5, 8, 32),
        ("kling-v3.0", 60, 15, 60),
        ("wan2.1-i2v-720p", 10, 5, 12),
        ("runway-gen4-turbo", 7, 5, 40),
        ("runway-gen4-turbo", 7.5, 10, 80),
    ],
)
def test_a_duration_becomes_one_that_the_model_makes_and_costs_pro_rata(
    model: str, wanted: float, made: int, price: int
) -> None:
    choice = chosen(model=model, duration=wanted)
    assert (choice.duration_seconds, choice.credits) == (made, price)


def test_a_named_model_wins_over_the_type() -> None:
    choice = chosen(model="wan2.1-i2v-720p", video_type="walkthrough")
    assert choice.requested_model == "wan2.1-i2v-720p"
    assert choice.video_type == "walkthrough"


def test_what_the_types_model_can_not_do_the_next_one_does() -> None:
    square = chosen(video_type="walkthrough", aspect_ratio="1:1")
    assert (square.model.id, square.requested_model) == ("kling-v3.0", "veo-2")
    assert square.fallback_reason == "aspect_ratio_unsupported:veo-2->routed:kling-v3.0"
    assert square.credits == 20
    ending = chosen(video_type="walkthrough", end_image_url=PHOTO)
    assert ending.fallback_reason == "end_image_unsupported:veo-2->routed:kling-v3.0"


def test_a_named_model_is_never_replaced() -> None:
    assert refusal(model="veo-2", aspect_ratio="1:1").code == "aspect_ratio_unsupported"
    assert refusal(model="veo-2", end_image_url=PHOTO).code == "end_image_unsupported"


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    model = refusal(model="sora")
    assert model.code == "unknown_model"
    assert "wan2.1-i2v-720p" in model.message
    kind = refusal(video_type="trailer", model="veo-2")
    assert kind.code == "unknown_video_type"
    assert "before_after" in kind.message
    assert refusal("social", model="kling-v3.0").code == "unknown_model"


def test_a_picture_of_before_needs_one_of_after_and_nothing_else() -> None:
    before = {"before_image_url": PHOTO}
    assert chosen(video_type="before_after", **before).model.id == "kling-v3.0"
    for fields in ({"video_type": "walkthrough"}, {"model": "kling-v3.0"}):
        assert refusal(**fields, **before).code == "before_image_unsupported"
    both = {"video_type": "before_after", "end_image_url": PHOTO}
    assert refusal(**both, **before).code == "before_image_unsupported"
    veo = {"video_type": "before_after", "model": "veo-2"}
    assert refusal(**veo, **before).code == "end_image_unsupported"


def test_social_media_have_other_defaults() -> None:
    choice = chosen("social", video_type="walkthrough")
    assert (choice.model.id, choice.aspect_ratio) == ("kling-1.6-pro", "9:16")
    assert choice.video_type is None
    assert chosen("social", image_url=None).model.id == "kling-1.6-pro"
    assert refusal("social", model="veo-2", image_url=None).code == "image_required"
    assert refusal("social", image_url=None, end_image_url=PHOTO).code == "image_required"


def test_a_prompt_is_as_long_as_the_model_reads() -> None:
    assert chosen(model="runway-gen4-turbo", prompt="x" * 1000).credits == 40
    assert refusal(model="runway-gen4-turbo", prompt="x" * 1001).code == "prompt_too_long"
