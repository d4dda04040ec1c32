"""What Replicate's models deliver: the size, length and sound that each was asked for."""

from typing import Any

import httpx
import pytest

from tests.simulators.conftest import Customer, picture_bytes
from tests.simulators.films import Clip, decoded, difference, still

WAN = "wavespeedai/wan-2.1-i2v-720p"
GEN4 = "runwayml/gen4-turbo"
KLING3 = "kwaivgi/kling-v3-video"
KLING16 = "kwaivgi/kling-v1.6-pro"


def clip(customer: Customer, sdk: Any, model: str, **given: Any) -> Clip:
    given = {"prompt": "slow zoom in", **given}
    return decoded(httpx.get(sdk.run(model, input=given)).content)


@pytest.fixture
def portrait_url(customer: Customer) -> str:
    customer.pictures.files["/tall.jpg"] = picture_bytes(450, 800)
    return f"{customer.pictures.base_url}/tall.jpg"


def test_wan_counts_frames_and_keeps_the_pictures_ratio(
    customer: Customer, replicate_sdk: Any, portrait_url: str
) -> None:
    film = clip(customer, replicate_sdk, WAN, image=customer.picture_url)
    assert (film.size(), len(film.frames), "16 fps" in film.report) == ((1280, 720), 81, True)
    tall = clip(
        customer, replicate_sdk, WAN, image=portrait_url, num_frames=24, frames_per_second=24
    )
    assert (tall.size(), len(tall.frames), "24 fps" in tall.report) == ((720, 1280), 24, True)
    customer.pictures.files["/square.jpg"] = picture_bytes(500, 500)
    square_url = f"{customer.pictures.base_url}/square.jpg"
    square = clip(customer, replicate_sdk, WAN, image=square_url, num_frames=5)
    assert square.size() == (960, 960)


def test_gen4_crops_the_picture_to_the_wanted_ratio(customer: Customer, replicate_sdk: Any) -> None:
    given = {"image": customer.picture_url, "aspect_ratio": "3:4"}
    film = clip(customer, replicate_sdk, GEN4, **given)
    assert (film.size(), len(film.frames), film.has_sound) == ((832, 1104), 121, False)


def test_kling_3_has_its_mode_its_sound_and_both_ends(
    customer: Customer, replicate_sdk: Any, portrait_url: str
) -> None:
    hall_url = f"{customer.pictures.base_url}/hall.jpg"
    given = {"start_image": customer.picture_url, "end_image": hall_url, "mode": "standard"}
    film = clip(customer, replicate_sdk, KLING3, **given, duration=3, generate_audio=True)
    assert (film.size(), len(film.frames), film.has_sound) == ((1280, 720), 73, True)
    assert difference(film.frames[0], still(customer.pictures.files["/room.jpg"])) < 4
    assert difference(film.frames[-1], still(customer.pictures.files["/hall.jpg"])) < 4
    tall = clip(customer, replicate_sdk, KLING3, start_image=portrait_url, duration=3)
    assert tall.size() == (1080, 1920)
    drawn = clip(customer, replicate_sdk, KLING3, aspect_ratio="1:1", duration=3, mode="standard")
    assert drawn.size() == (960, 960)


def test_kling_16_is_1080p(customer: Customer, replicate_sdk: Any) -> None:
    film = clip(customer, replicate_sdk, KLING16, start_image=customer.picture_url)
    assert (film.size(), len(film.frames)) == ((1920, 1080), 121)


def test_a_picture_may_be_a_data_url(customer: Customer, replicate_sdk: Any) -> None:
    import base64

    picture = base64.b64encode(picture_bytes(640, 640)).decode()
    film = clip(
        customer, replicate_sdk, WAN, image=f"data:image/jpeg;base64,{picture}", num_frames=5
    )
    assert film.size() == (960, 960)
