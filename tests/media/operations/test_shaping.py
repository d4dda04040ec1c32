"""Resize, crop and overlay: which pixels come out, of videos and of pictures."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from showreel.core.errors import MediaError
from showreel.media.operations.models import Crop, Resize
from showreel.media.operations.shapes import crop_box, overlay_box, resized
from tests.media.decoding import difference, frame_times, frames, make_clip, sound_samples

TONE = "sine=440:r=48000"
SIZES = st.tuples(st.integers(16, 4000), st.integers(16, 4000))


def colours(path: Path, number: int = 0):
    image = frames(path)[number]
    return lambda x, y: image.getpixel((x, y))


def is_near(pixel, wanted, tolerance: int = 14) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, wanted, strict=True))


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of red, with a tone."""
    path = tmp_path_factory.mktemp("red") / "red.mp4"
    return make_clip(path, source="color=red", seconds=1, size="320x180", sound=TONE)


@pytest.fixture
def quarters(tmp_path: Path) -> Path:
    """A picture of 80 x 40 pixels: red, green; blue, white."""
    image = Image.new("RGB", (80, 40), "red")
    image.paste("lime", (40, 0, 80, 20))
    image.paste("blue", (0, 20, 40, 40))
    image.paste("white", (40, 20, 80, 40))
    image.save(tmp_path / "quarters.png")
    return tmp_path / "quarters.png"


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({"width": 160}, (160, 90)),
        ({"width": 160, "height": 160}, (160, 90)),
        ({"width": 160, "height": 160, "fit": "pad"}, (160, 160)),
        ({"width": 160, "height": 160, "fit": "crop"}, (160, 160)),
        ({"width": 160, "height": 160, "fit": "stretch"}, (160, 160)),
    ],
)
def test_resize_gives_the_size_and_keeps_frames_and_sound(do, red, wanted, size) -> None:
    made = do({"operation": "resize"} | wanted, media=red)
    assert (made.width, made.height) == size == frames(made.path)[3].size
    assert len(frame_times(made.path)) == 24
    assert max(sound_samples(made.path)) > 1000
    at = colours(made.path, 3)
    is_dimmed_above = wanted.get("fit") == "pad"
    assert (at(80, 4)[0] < 190) == is_dimmed_above
    assert at(80, size[1] // 2)[0] > 200


def test_crop_takes_the_very_box(do, tmp_path: Path) -> None:
    quarters = ["-vf", "drawbox=160:0:160:90:lime:fill,drawbox=0:90:160:90:blue:fill"]
    source = make_clip(
        tmp_path / "q.mp4", *quarters, source="color=red", size="320x180", seconds=0.5
    )
    box = {"x": 130, "y": 75, "width": 61, "height": 40}
    made = do({"operation": "crop"} | box, media=source)
    assert (made.width, made.height) == (60, 40)
    at = colours(made.path)
    assert at(24, 10)[0] > 200
    assert at(36, 10)[1] > 200
    assert at(24, 22)[2] > 200


def test_crop_to_a_ratio_is_centred(do, red: Path) -> None:
    made = do({"operation": "crop", "aspectRatio": "1:1"}, media=red)
    assert frames(made.path)[0].size == (180, 180)


def test_a_box_outside_is_refused(do, red: Path) -> None:
    with pytest.raises(MediaError) as refused:
        do({"operation": "crop", "width": 200, "height": 100, "x": 200}, media=red)
    assert refused.value.code == "crop_outside"


def test_pictures_are_cropped_and_resized_too(do, quarters: Path) -> None:
    made = do({"operation": "crop", "width": 20, "height": 20, "x": 30, "y": 10}, media=quarters)
    with Image.open(made.path) as image:
        assert image.size == (20, 20)
        assert image.format == "JPEG"
        assert is_near(image.getpixel((3, 3)), (255, 0, 0), 40)
        assert is_near(image.getpixel((16, 16)), (255, 255, 255), 40)
    large = do({"operation": "resize", "width": 160}, media=quarters)
    assert (large.width, large.height) == (160, 80)


def test_what_is_clear_stays_clear(do, tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (255, 0, 0, 128)).save(tmp_path / "half.png")
    wanted = {"operation": "resize", "width": 64, "height": 32, "fit": "pad"}
    made = do(wanted, media=tmp_path / "half.png")
    with Image.open(made.path) as image:
        assert (made.content_type, image.mode, image.size) == ("image/png", "RGBA", (64, 32))
        assert image.getpixel((32, 5)) == (255, 0, 0, 128)
        assert image.getpixel((5, 5))[3] == 0


def test_a_logo_is_laid_where_and_when_it_is_wanted(do, red: Path, tmp_path: Path) -> None:
    logo = Image.new("RGBA", (100, 50), (0, 0, 200, 255))
    logo.paste((0, 0, 0, 0), (50, 0, 100, 50))
    logo.save(tmp_path / "logo.png")
    wanted = {"operation": "overlay", "position": "top-left", "widthShare": 0.5, "marginShare": 0}
    times = {"startSeconds": 0.25, "endSeconds": 0.75}
    made = do(wanted | times, media=red, overlay=tmp_path / "logo.png")
    assert len(frame_times(made.path)) == 24
    assert max(sound_samples(made.path)) > 1000
    for number, is_there in ((0, False), (5, False), (6, True), (17, True), (18, False)):
        assert is_near(colours(made.path, number)(40, 40), (0, 0, 200)) == is_there, number
        assert colours(made.path, number)(120, 40)[0] > 200
        assert colours(made.path, number)(40, 100)[0] > 200


def test_half_of_a_logo_shows_both(do, red: Path, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (0, 0, 255)).save(tmp_path / "blue.jpg")
    wanted = {"operation": "overlay", "position": "center", "opacity": 0.5}
    made = do(wanted, media=red, overlay=tmp_path / "blue.jpg")
    red_part, _, blue_part = colours(made.path, 10)(160, 90)
    assert 80 < red_part < 180
    assert 80 < blue_part < 180


def test_a_shorter_video_over_another_goes_away(do, red: Path, tmp_path: Path) -> None:
    blue = make_clip(tmp_path / "b.mp4", source="color=blue", seconds=0.5, fps=30, size="64x64")
    wanted = {"operation": "overlay", "position": "bottom-right", "startSeconds": 0.25}
    made = do(wanted, media=red, overlay=blue)
    at = {number: colours(made.path, number)(280, 140)[2] > 150 for number in (3, 6, 16, 20)}
    assert at == {3: False, 6: True, 16: True, 20: False}
    assert len(frame_times(made.path)) == 24


def test_a_picture_over_a_picture(do, quarters: Path, tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), (9, 9, 9)).save(tmp_path / "dark.png")
    wanted = {"operation": "overlay", "position": "top-right", "widthShare": 0.25, "marginShare": 0}
    made = do(wanted, media=quarters, overlay=tmp_path / "dark.png")
    with Image.open(made.path) as image:
        assert is_near(image.getpixel((70, 10)), (9, 9, 9))
        assert is_near(image.getpixel((10, 10)), (255, 0, 0))


def test_a_moving_picture_over_a_still_one_is_refused(do, quarters: Path, red: Path) -> None:
    with pytest.raises(MediaError) as refused:
        do({"operation": "overlay"}, media=quarters, overlay=red)
    assert refused.value.code == "media_type"


@given(have=SIZES, box=SIZES, fit=st.sampled_from(["inside", "auto", "pad", "crop", "stretch"]))
def test_a_new_size_is_within_the_one_that_is_wanted(have, box, fit) -> None:
    least = min(side * min(box[0] / have[0], box[1] / have[1]) for side in have)
    assume(fit != "inside" or least >= 17)
    size = resized(have, Resize(width=box[0], height=box[1], fit=fit))
    assert all(side % 2 == 0 for side in size)
    assert all(side <= most + 1 for side, most in zip(size, box, strict=True))
    if fit != "inside":
        assert all(abs(side - most) <= 1 for side, most in zip(size, box, strict=True))


@given(have=SIZES, data=st.data())
def test_a_part_is_within(have, data) -> None:
    width, height = (data.draw(st.integers(16, side)) for side in have)
    box = crop_box(have, Crop(width=width, height=height))
    assert min(box.x, box.y) >= 0
    assert box.x + box.width <= have[0]
    assert box.y + box.height <= have[1]


@given(
    below=SIZES,
    above=SIZES,
    position=st.sampled_from(["top-left", "center", "bottom-right", "left", "top"]),
    share=st.floats(0.01, 1),
    margin=st.floats(0, 0.4),
)
def test_what_is_laid_over_is_within(below, above, position, share, margin) -> None:
    box = overlay_box(below, above, position, share, margin)
    assert box.x >= 0
    assert box.y >= 0
    assert box.x + box.width <= below[0]
    assert box.y + box.height <= below[1]


def test_one_side_gives_the_other() -> None:
    assert resized((1920, 1080), Resize(width=1280)) == (1280, 720)
    assert resized((1080, 1920), Resize(height=640)) == (360, 640)


def test_colours_come_through(do, tmp_path: Path) -> None:
    """BT.601 in, BT.709 out: the same colours to the eye."""
    plain = make_clip(tmp_path / "c.mp4", source="color=0x20B0E0", seconds=0.25)
    made = do({"operation": "resize", "width": 160}, media=plain)
    assert difference(frames(made.path)[1], frames(plain)[1].resize((160, 90))) < 4
