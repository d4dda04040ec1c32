"""fal's compose as simulated: media on tracks become one real film."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.simulators.vendors.fal.compose import compose
from local.simulators.vendors.fal.errors import InputRefused
from showreel.media.movie import read_movie
from tests.media.decoding import difference, ffmpeg, frame, make_clip
from tests.support.sounds import wav

FFMPEG = Path(shutil.which("ffmpeg") or "ffmpeg")


@pytest.fixture
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that are served by their names."""

    def get(url: str) -> httpx.Response:
        path = tmp_path / url.rpartition("/")[2]
        there = path.is_file()
        answer = httpx.Response(200 if there else 404, content=path.read_bytes() if there else b"")
        answer.request = httpx.Request("GET", url)
        return answer

    monkeypatch.setattr("local.simulators.vendors.fal.compose.fetch", get)
    return tmp_path


def track(kind: str, *keyframes: tuple[int, int, str]) -> dict[str, Any]:
    names = ("timestamp", "duration", "url")
    listed = [
        dict(zip(names, (at, ms, f"https://x/{name}"), strict=True)) for at, ms, name in keyframes
    ]
    return {"id": kind, "type": kind, "keyframes": listed}


def test_clips_lie_where_their_keyframes_say(media: Path) -> None:
    first = make_clip(media / "a.mp4", fps=12, size="160x90", seconds=2)
    second = make_clip(media / "b.mp4", fps=12, size="160x90", seconds=1, source="testsrc")
    (media / "s.wav").write_bytes(wav(1.0))
    picture = track("video", (0, 1000, "a.mp4"), (1500, 1000, "b.mp4"))
    made = compose({"tracks": [picture, track("audio", (500, 1000, "s.wav"))]}, media, FFMPEG)
    movie = read_movie(made.path)
    assert (movie.picture.samples, movie.picture.width, len(movie.sounds)) == (30, 160, 1)
    assert difference(frame(made.path, 11), frame(first, 11)) < 8
    assert difference(frame(made.path, 18), frame(second, 0)) < 8
    assert difference(frame(made.path, 15), frame(first, 15)) > 30  # black
    assert [path.suffix for path in made.more] == [".jpg"]


def test_a_still_is_shown_as_long_as_its_keyframe(media: Path) -> None:
    clip = make_clip(media / "a.mp4", size="160x90", seconds=1)
    ffmpeg("-i", clip, "-frames:v", "1", media / "p.png")
    made = compose({"tracks": [track("image", (0, 1000, "p.png"))]}, media, FFMPEG)
    assert read_movie(made.path).picture.seconds == 1.0


@pytest.mark.parametrize(
    "tracks",
    [
        [],
        [track("audio", (0, 500, "none.wav"))],
        [track("video", (0, 500, "none.mp4"))],
        [track("smell", (0, 500, "a.mp4"))],
        [track("video", (0, 0, "a.mp4"))],
    ],
)
def test_what_can_not_be_composed_is_refused(media: Path, tracks: list[Any]) -> None:
    with pytest.raises(InputRefused):
        compose({"tracks": tracks}, media, FFMPEG)
