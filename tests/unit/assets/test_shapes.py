"""Pictures brought to a frame: filled or whole, on a backdrop, never stretched."""

import pytest
from PIL import Image, ImageChops, ImageDraw

from showreel.assets.shapes import shaped

WHITE = (255, 255, 255)
FRAMES = [(160, 90), (90, 160), (120, 120)]
DIM = 0.6 * 255


def with_a_disc(size: tuple[int, int]) -> Image.Image:
    """A white picture with a red disc in its middle, a sixth of its shorter side across."""
    picture, radius = Image.new("RGB", size, WHITE), min(size) / 12
    x, y = size[0] / 2, size[1] / 2
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(picture).ellipse(box, (255, 0, 0))
    return picture


def disc(picture: Image.Image) -> tuple[int, int]:
    """Width and height of the disc."""
    red, green, _ = picture.split()
    bright, bare = red.point(lambda r: r > 200 and 255), green.point(lambda g: g < 80 and 255)
    left, top, right, bottom = ImageChops.darker(bright, bare).getbbox()
    return right - left, bottom - top


@pytest.mark.parametrize("fit", ["auto", "crop", "pad"])
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("size", [(400, 300), (600, 400), (300, 400), (400, 600), (500, 500)])
def test_nothing_is_ever_stretched(size, frame, fit) -> None:
    picture = shaped(with_a_disc(size), frame, fit)
    across, down = disc(picture)
    assert picture.size == frame
    assert abs(across - down) <= 2


@pytest.mark.parametrize(
    ("size", "frame", "fills"),
    [
        ((400, 300), (160, 90), True),
        ((600, 400), (160, 90), True),
        ((400, 300), (120, 120), True),
        ((300, 400), (90, 160), True),
        ((600, 400), (120, 120), False),
        ((300, 400), (160, 90), False),
        ((160, 90), (90, 160), False),
    ],
)
def test_what_loses_little_fills_the_frame_and_all_else_is_whole(size, frame, fills) -> None:
    picture = shaped(Image.new("RGB", size, WHITE), frame)
    corner = picture.getpixel((0, 0))[0]
    assert corner == (255 if fills else pytest.approx(DIM, abs=2))
    assert picture.getpixel((frame[0] // 2, frame[1] // 2)) == WHITE
    for fit, level in (("crop", 255), ("pad", DIM)):
        chosen = shaped(Image.new("RGB", size, WHITE), frame, fit)
        assert chosen.getpixel((0, 0))[0] == pytest.approx(level, abs=2)


def test_a_padded_picture_is_all_there() -> None:
    picture = Image.new("RGB", (400, 300), WHITE)
    ImageDraw.Draw(picture).rectangle((0, 0, 399, 299), outline=(0, 0, 255), width=6)
    padded = shaped(picture, (320, 180), "pad")
    blue = [padded.getpixel((160, y))[0] < 90 for y in (0, 1, 178, 179)]
    assert all(blue)
