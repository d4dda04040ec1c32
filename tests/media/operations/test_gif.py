"""Animated pictures: frames, times, loop and colours, as Pillow reads them."""

from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from showreel.core.errors import MediaError
from tests.media.decoding import difference, frames


def test_a_gif_has_the_frames_of_its_part(do, video: Path) -> None:
    wanted = {"width": 160, "framesPerSecond": 10, "startSeconds": 0.5, "durationSeconds": 1}
    made = do({"operation": "to-gif"} | wanted, media=video)
    with Image.open(made.path) as gif:
        shown = [one.convert("RGB") for one in ImageSequence.Iterator(gif)]
        assert gif.info["loop"] == 0
        assert {one.info["duration"] for one in ImageSequence.Iterator(gif)} == {100}
    assert (made.content_type, made.width, made.height) == ("image/gif", 160, 90)
    assert (len(shown), made.seconds) == (10, 1.0)
    for number, source in ((0, 12), (5, 24)):
        assert difference(shown[number], frames(video)[source].resize((160, 90))) < 14
    assert len(shown[0].getcolors(100_000)) > 60, "a palette of the picture's own colours"


def test_a_gif_is_never_larger_than_its_video_and_may_play_once(do, video: Path) -> None:
    wanted = {"operation": "to-gif", "width": 640, "loop": False, "framesPerSecond": 2}
    made = do(wanted, media=video)
    with Image.open(made.path) as gif:
        assert gif.size == (160, 90)
        assert "loop" not in gif.info
        assert gif.n_frames == 4


def test_too_long_a_gif_is_refused(do, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showreel.media.operations.extracting.MAX_GIF_SECONDS", 1.5)
    with pytest.raises(MediaError) as refused:
        do({"operation": "to-gif"}, media=video)
    assert refused.value.code == "media_too_long"
