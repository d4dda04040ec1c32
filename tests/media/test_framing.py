"""What pictures and clips of other shapes look like in a film, by decoding."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from showreel.media.motion import render_morph, render_motion
from showreel.media.moves import Move, MoveKind
from showreel.media.normalise import normalise_clip
from showreel.media.profile import Profile
from showreel.media.transition import normalise_transition
from tests.media.decoding import frame, make_clip

WHITE, RED, BLUE = (255, 255, 255), (255, 0, 0), (0, 0, 255)
DIM = 0.6 * 255
LAST = 11


@pytest.fixture(scope="session")
def profile() -> Profile:
    """Large enough to tell what is where in a frame."""
    return Profile(width=320, height=180, fps=24)


def banded(path: Path, size: tuple[int, int]) -> Path:
    """White; what a crop to 16:9 hides of 4:3 is red above and blue below."""
    picture, band = Image.new("RGB", size, WHITE), round(size[1] / 9)
    picture.paste(RED, (0, 0, size[0], band))
    picture.paste(BLUE, (0, size[1] - band, *size))
    picture.save(path, quality=95)
    return path


def rendered(still: Path, profile: Profile, kind: MoveKind, fit: str = "auto") -> list[Image.Image]:
    """First, middle and last frame of a camera move."""
    film = still.with_suffix(".mp4")
    render_motion(still, film, move=Move(kind, 1.0), frames=12, profile=profile, fit=fit)
    return [frame(film, number) for number in (0, 6, LAST)]


def colours(seen: Image.Image) -> tuple[bool, bool]:
    """Whether anything red, and anything blue, is in a frame; all else is white."""
    pixels = seen.resize((32, 18), Image.Resampling.NEAREST)
    found = set()
    for colour in pixels.get_flattened_data():
        red, _, blue = colour
        assert max(red, blue) > 215, f"{colour} is padding"
        found.add("red" if blue < 120 else "blue" if red < 120 else "white")
    return "red" in found, "blue" in found


@pytest.mark.parametrize("kind", MoveKind)
def test_a_camera_over_a_photo_of_4_to_3_never_shows_padding(tmp_path, profile, kind) -> None:
    seen = rendered(banded(tmp_path / "s.jpg", (400, 300)), profile, kind)
    bands = [colours(one) for one in seen]
    if not kind.startswith("tilt"):
        assert bands == [(False, False)] * 3
        return
    up = [(False, True), (False, False), (True, False)]
    assert bands == (up if kind == MoveKind.TILT_UP else up[::-1]), "it travels over what is hidden"


@pytest.mark.parametrize("kind", [MoveKind.PAN_LEFT, MoveKind.PAN_RIGHT])
def test_a_pan_travels_over_what_a_square_hides(tmp_path, kind) -> None:
    wide = banded(tmp_path / "s.png", (300, 400)).with_name("wide.png")
    with Image.open(tmp_path / "s.png") as high:
        high.transpose(Image.Transpose.ROTATE_90).save(wide)  # red is on the left now
    seen = rendered(wide, Profile(width=180, height=180, fps=24), kind)
    right = [(True, False), (False, False), (False, True)]
    assert [colours(one) for one in seen] == (right if kind == MoveKind.PAN_RIGHT else right[::-1])


@pytest.mark.parametrize("kind", MoveKind)
def test_padding_stands_still_beside_a_portrait_and_never_grows(tmp_path, profile, kind) -> None:
    Image.new("RGB", (225, 400), WHITE).save(tmp_path / "s.png")
    for seen in rendered(tmp_path / "s.png", profile, kind):
        row = [seen.getpixel((x, 90))[0] for x in range(320)]
        bright = [x for x, level in enumerate(row) if level > 200]
        assert (bright[0], bright[-1]) == (pytest.approx(110, abs=3), pytest.approx(209, abs=3))
        assert len(bright) == bright[-1] - bright[0] + 1
        assert row[40] == pytest.approx(DIM, abs=6)


def test_who_wants_it_gets_a_portrait_that_fills_and_a_photo_that_is_whole(
    tmp_path, profile
) -> None:
    Image.new("RGB", (225, 400), WHITE).save(tmp_path / "p.png")
    assert all(
        colours(seen) == (False, False)
        for seen in rendered(tmp_path / "p.png", profile, MoveKind.TILT_UP, "crop")
    )
    photo = banded(tmp_path / "s.jpg", (400, 300))
    first = rendered(photo, profile, MoveKind.DOLLY_IN, "pad")[0]
    assert first.getpixel((160, 4))[2] < 120
    assert first.getpixel((160, 175))[0] < 120
    assert first.getpixel((20, 90))[0] == pytest.approx(DIM, abs=6)


def test_a_morph_between_a_filling_and_a_padded_picture(tmp_path, profile) -> None:
    photo = banded(tmp_path / "s.jpg", (400, 300))
    Image.new("RGB", (225, 400), WHITE).save(tmp_path / "p.png")
    film = tmp_path / "m.mp4"
    render_morph(photo, tmp_path / "p.png", film, frames=12, profile=profile)
    assert frame(film, 0).getpixel((20, 90))[0] > 240
    assert frame(film, LAST).getpixel((20, 90))[0] == pytest.approx(DIM, abs=6)


def bars(seen: Image.Image) -> tuple[bool, bool]:
    """Whether there is padding on the left and above."""
    return seen.getpixel((3, 90))[1] < 200, seen.getpixel((160, 2))[1] < 200


@pytest.mark.parametrize(
    ("size", "fit", "wanted"),
    [
        ("240x180", "auto", (False, False)),
        ("180x180", "auto", (True, False)),
        ("180x180", "crop", (False, False)),
        ("240x180", "pad", (True, False)),
        ("320x150", "pad", (False, True)),
        ("320x176", "pad", (False, False)),
        ("320x176", "auto", (False, False)),
    ],
)
def test_a_clip_of_another_shape_fills_the_frame_or_lies_on_its_own_blur(
    tmp_path, profile, size, fit, wanted
) -> None:
    source = make_clip(tmp_path / "in.mp4", size=size, source="color=white", seconds=0.5)
    clip = normalise_clip(source, tmp_path, profile, expected_frames=12, fit=fit)
    seen = frame(clip.video, 5)
    assert bars(seen) == wanted
    assert seen.getpixel((160, 90))[1] > 240
    if wanted[0]:
        assert seen.getpixel((3, 90))[1] == pytest.approx(DIM, abs=4)
    normalise_transition(source, tmp_path / "ai.mp4", profile, fit=fit)
    assert bars(frame(tmp_path / "ai.mp4", 5)) == wanted


def test_a_padded_clip_is_not_stretched_and_keeps_its_colours(tmp_path, profile) -> None:
    disc = Image.new("RGB", (180, 180), (40, 160, 90))
    ImageDraw.Draw(disc).ellipse((60, 60, 120, 120), (230, 40, 40))
    disc.save(tmp_path / "d.png")
    source = tmp_path / "in.mp4"
    square = Profile(width=180, height=180, fps=24)
    render_motion(
        tmp_path / "d.png", source, move=Move(MoveKind.PAN_LEFT, 0), frames=12, profile=square
    )
    seen = frame(normalise_clip(source, tmp_path, profile, expected_frames=12).video, 5)
    assert all(abs(a - b) < 16 for a, b in zip(seen.getpixel((90, 20)), (40, 160, 90), strict=True))
    assert all(
        abs(a - 0.6 * b) < 16 for a, b in zip(seen.getpixel((10, 20)), (40, 160, 90), strict=True)
    )
    red = [(x, y) for x in range(70, 250) for y in range(180) if seen.getpixel((x, y))[0] > 150]
    across, down = ({point[axis] for point in red} for axis in (0, 1))
    assert (len(across), len(down)) == (pytest.approx(75, abs=3), pytest.approx(75, abs=3))
