"""A picture that another renderer has made is the film's only if it is exactly that."""

from pathlib import Path

import pytest

from showreel.core.errors import MediaError
from showreel.media.movie import read_movie
from showreel.media.profile import Profile
from showreel.media.repicture import repicture
from tests.media.decoding import frame_hashes, make_clip, sound_samples

SMALL = Profile(width=160, height=90, fps=12, preset="ultrafast")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return make_clip(path, fps=12, size="160x90", seconds=2, sound="sine=440")


def test_the_picture_is_theirs_and_the_sound_is_ours(tmp_path: Path, film: Path) -> None:
    theirs = make_clip(tmp_path / "in.mp4", fps=12, size="160x90", source="testsrc", seconds=2)
    repicture(theirs, film, tmp_path / "out.mp4", SMALL, 24)
    made = tmp_path / "out.mp4"
    assert frame_hashes(made) == frame_hashes(theirs)
    assert sound_samples(made) == sound_samples(film)
    assert read_movie(made).picture.timescale == SMALL.timescale


@pytest.mark.parametrize(
    "wrong",
    [{"seconds": 1.5}, {"fps": 24, "seconds": 1}, {"size": "160x88"}],
    ids=["frames", "rate", "size"],
)
def test_another_film_is_refused(tmp_path: Path, film: Path, wrong: dict[str, object]) -> None:
    usual = {"fps": 12, "size": "160x90", "seconds": 2}
    theirs = make_clip(tmp_path / "in.mp4", **(usual | wrong))  # type: ignore[arg-type]
    with pytest.raises(MediaError) as raised:
        repicture(theirs, film, tmp_path / "out.mp4", SMALL, 24)
    assert raised.value.code == "media_mismatch"


@pytest.mark.parametrize("arguments", [["-c:v", "mpeg4"], ["-bsf:v", "noise=amount=50"]])
def test_another_codec_and_damage_are_refused(
    tmp_path: Path, film: Path, arguments: list[str]
) -> None:
    theirs = make_clip(tmp_path / "in.mp4", *arguments, fps=12, size="160x90", seconds=2)
    with pytest.raises(MediaError):
        repicture(theirs, film, tmp_path / "out.mp4", SMALL, 24)


def test_half_a_file_is_refused(tmp_path: Path, film: Path) -> None:
    half = tmp_path / "half.mp4"
    half.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    with pytest.raises(MediaError):
        repicture(half, film, tmp_path / "out.mp4", SMALL, 24)
