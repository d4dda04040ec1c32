"""Bodies as clients send them."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from showreel.singles.video.schemas import InteriorVideo, SocialVideo

EVENTS = Path(__file__).parents[4] / "events"
BODY = {"prompt": "Slow pan", "image_url": "https://a", "workspace_id": "w", "model": "veo-2"}


def order(**fields: Any) -> InteriorVideo:
    return InteriorVideo.model_validate(BODY | fields)


def faults(**fields: Any) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        order(**fields)
    return {".".join(map(str, fault["loc"])) for fault in caught.value.errors()}


def test_the_live_clients_names_count_where_the_documented_ones_are_missing() -> None:
    alias = order(image_url=None, source_image_url="https://b", duration_seconds=7)
    assert (alias.image_url, alias.duration) == ("https://b", 7)
    both = order(source_image_url="https://b", duration=6, duration_seconds=7)
    assert (both.image_url, both.duration) == ("https://a", 6)


def test_null_is_not_sent_and_unknown_fields_are_not_read() -> None:
    empty = order(video_type=None, aspect_ratio=None, duration=None, credits_used=0, status="x")
    assert (empty.video_type, empty.aspect_ratio, empty.duration) == (None, None, None)
    assert not hasattr(empty, "credits_used")


@pytest.mark.parametrize("duration", [True, "5", 0, -1, 60.01, [5], {}])
def test_a_duration_is_a_number_of_seconds(duration: Any) -> None:
    assert faults(duration=duration) == {"duration"}


@pytest.mark.parametrize("prompt", ["", "  ", "x" * 2501, 5, "a\x00b", "a\u202eb"])
def test_a_prompt_is_visible_text(prompt: Any) -> None:
    assert faults(prompt=prompt) == {"prompt"}


@pytest.mark.parametrize("field", ["prompt", "image_url", "workspace_id"])
def test_what_is_required_is_missed_by_name(field: str) -> None:
    assert faults(**{field: None}) == {field}


def test_one_of_model_and_type_is_required_where_there_is_no_default() -> None:
    with pytest.raises(ValidationError, match="one of video_type or model is required"):
        order(model=None)
    social = SocialVideo.model_validate({"prompt": "Slow pan", "workspace_id": "w"})
    assert (social.model, social.image_url) == (None, None)


def test_the_examples_are_orders() -> None:
    interior, social = (
        json.loads(json.loads((EVENTS / f"{name}.json").read_text())["body"])
        for name in ("generate_interior_video_v2", "generate_social_video")
    )
    assert InteriorVideo.model_validate(interior).video_type == "walkthrough"
    assert SocialVideo.model_validate(social).model == "kling-1.6-pro"
