from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from showreel.core.errors import MediaError
from showreel.media.motion import render_morph, render_motion
from showreel.media.moves import Move, MoveKind
from showreel.media.movie import read_movie
from showreel.media.normalise import conforms
from showreel.media.profile import Profile
from tests.media.decoding import difference, frame, frame_hashes, picture


@pytest.fixture(scope="session")
def profile() -> Profile:
    """Large enough to tell what is where in a frame."""
    return Profile(width=320, height=180, fps=24)


@pytest.fixture
def still(tmp_path: Path) -> Path:
    picture = Image.radial_gradient("L").resize((640, 360)).convert("RGB")
    ImageDraw.Draw(picture).rectangle((100, 80, 200, 200), (200, 40, 40))
    picture.save(tmp_path / "still.png")
    return tmp_path / "still.png"


@pytest.mark.parametrize(
    "kind", [MoveKind.DOLLY_IN, MoveKind.PAN_LEFT, MoveKind.TILT_UP, MoveKind.ORBIT_RIGHT]
)
def test_a_move_has_exact_frames_in_the_profile(still, tmp_path, profile, kind) -> None:
    render_motion(still, tmp_path / "o.mp4", move=Move(kind), frames=36, profile=profile)
    hashes = frame_hashes(tmp_path / "o.mp4")
    assert len(hashes) == 36
    assert len(set(hashes)) > 30
    assert conforms(read_movie(tmp_path / "o.mp4"), profile, 36)


@pytest.mark.parametrize("kind", MoveKind)
def test_a_draft_shows_what_the_film_will(still, tmp_path, profile, kind) -> None:
    for name, draft in (("film", False), ("draft", True)):
        made = profile.model_copy(update={"draft": draft})
        render_motion(still, tmp_path / f"{name}.mp4", move=Move(kind), frames=9, profile=made)
    for number in (0, 4, 8):
        film, draft = (frame(tmp_path / f"{name}.mp4", number) for name in ("film", "draft"))
        assert difference(film, draft) < 2


def test_colours_survive(tmp_path, profile) -> None:
    colour = (180, 90, 30)
    Image.new("RGB", (320, 180), colour).save(tmp_path / "s.png")
    move = Move(MoveKind.DOLLY_IN)
    render_motion(tmp_path / "s.png", tmp_path / "o.mp4", move=move, frames=2, profile=profile)
    seen = frame(tmp_path / "o.mp4", 0).getpixel((160, 90))
    assert max(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 14


def test_exif_rotation_is_obeyed(tmp_path: Path, profile: Profile) -> None:
    picture = Image.new("RGB", (180, 320), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 180, 160))
    exif = Image.Exif()
    exif[274] = 8
    picture.save(tmp_path / "s.jpg", exif=exif)
    move = Move(MoveKind.DOLLY_IN)
    render_motion(tmp_path / "s.jpg", tmp_path / "o.mp4", move=move, frames=1, profile=profile)
    first = frame(tmp_path / "o.mp4", 0)
    assert first.getpixel((40, 90))[0] > 180
    assert first.getpixel((280, 90))[2] > 180


def test_a_morph_begins_and_ends_with_its_stills(still, tmp_path, profile) -> None:
    other = tmp_path / "other.png"
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(other)
    render_morph(still, other, tmp_path / "m.mp4", frames=24, profile=profile)
    wanted = [picture(path).resize((320, 180)) for path in (still, other)]
    assert difference(frame(tmp_path / "m.mp4", 0), wanted[0]) < 3
    assert difference(frame(tmp_path / "m.mp4", 23), wanted[1]) < 3
    assert len(set(frame_hashes(tmp_path / "m.mp4"))) == 24


def test_no_picture_is_a_media_error(tmp_path, profile) -> None:
    (tmp_path / "s.png").write_text("<html>")
    with pytest.raises(MediaError):
        render_motion(
            tmp_path / "s.png",
            tmp_path / "o.mp4",
            move=Move(MoveKind.DOLLY_IN),
            frames=5,
            profile=profile,
        )
