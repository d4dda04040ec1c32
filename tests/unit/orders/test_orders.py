"""Which requests are one and the same, and what of them is looked at."""

from typing import Any

import pytest
from pydantic import ValidationError

from showreel.catalog import get_model
from showreel.catalog.forms import check_inputs
from showreel.core.errors import InvalidInput, MediaError
from showreel.orders.media import Copies
from showreel.orders.service import FAL, GMI, check_media, chosen
from showreel.singles.fal.schemas import FalRequest
from showreel.singles.gmi.schemas import GmiRequest
from tests.unit.orders.support import KLING

PICTURE = "https://images.example.com/room.jpg"
FROM_PICTURE = "fal-ai/kling-video/o3/standard/image-to-video"


def fal(**fields: Any) -> FalRequest:
    return FalRequest.model_validate({"modelId": KLING, "inputs": {"prompt": "x"}} | fields)


def test_a_digest_depends_on_what_a_request_asks_for() -> None:
    one = fal().digest
    assert fal(request_id="r", user_id="u", workspace_id="w", metadata={"a": 1}).digest == one
    assert fal(media_type="video", project_id=None).digest == one
    for change in ({"inputs": {"prompt": "y"}}, {"strict": True}, {"project_id": "p"}):
        assert fal(**change).digest != one
    ordered = {"prompt": "x", "seed": 1}
    turned = {"seed": 1, "prompt": "x"}
    assert fal(inputs=ordered).digest == fal(inputs=turned).digest


def test_both_ways_of_writing_names_are_understood() -> None:
    names = {"workspaceId": "w", "projectId": "p", "requestId": "r", "model_id": "gmi/veo3"}
    request = GmiRequest.model_validate(names | {"inputs": {}})
    assert (request.workspace_id, request.project_id, request.request_id) == ("w", "p", "r")
    assert request.model_id == "gmi/veo3"


@pytest.mark.parametrize(
    "fields", [{"request_id": ""}, {"request_id": "a" * 256}, {"workspace_id": "a\tb"}]
)
def test_ids_are_short_and_printable(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        fal(**fields)


def test_a_model_is_sold_by_one_endpoint() -> None:
    assert chosen(FAL, fal()).id == KLING
    request = GmiRequest.model_validate({"modelId": "kling-v3-omni"})
    assert chosen(GMI, request).id == "gmi/kling-v3-omni"
    with pytest.raises(InvalidInput) as caught:
        chosen(FAL, fal(modelId="elevenlabs-tts"))
    assert caught.value.code == "wrong_endpoint"


def test_media_that_would_not_be_looked_at_are_refused() -> None:
    for model_id, inputs, code in (
        (KLING, {"image_urls": [PICTURE]}, "input_unsupported"),
        (FROM_PICTURE, {"image_url": PICTURE, "video_url": PICTURE}, "input_unsupported"),
        ("fal-ai/sora-2/image-to-video", {"image_url": PICTURE, "end_image_url": PICTURE},
         "end_image_unsupported"),
    ):  # fmt: skip
        model, given = get_model(model_id), {"prompt": "x"} | inputs
        with pytest.raises(InvalidInput) as caught:
            check_media(model, given, check_inputs(model, given))
        assert caught.value.code == code


def test_the_same_picture_under_two_names_and_empty_fields_are_fine() -> None:
    model = get_model(FROM_PICTURE)
    given = {"prompt": "x", "image_url": PICTURE, "image_urls": [PICTURE], "video_url": ""}
    checked = check_inputs(model, given)
    check_media(model, given, checked)
    assert [one.url for one in checked.media] == [PICTURE]


def test_the_length_of_an_input_counts_where_it_decides_the_results() -> None:
    model = get_model("fal-ai/latentsync")
    assert Copies(seconds={"video": 90.0, "audio": 12.4}).length(model) == 12.4
    assert Copies(seconds={"video": 90.0}).length(get_model(KLING)) is None
    for seconds, code in ((61.0, "media_too_long"), (0.2, "media_too_short")):
        with pytest.raises(MediaError) as caught:
            Copies(seconds={"audio": seconds}).length(model)
        assert caught.value.code == code
