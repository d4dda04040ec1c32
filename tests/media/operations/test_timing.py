"""Trim, speed, reverse: which frames and samples come out, and in which order."""

from itertools import pairwise
from pathlib import Path

import pytest

from showreel.core.errors import MediaError
from showreel.media.movie import read_movie
from showreel.media.operations import reversing, timing
from tests.media.decoding import (
    difference,
    ffmpeg,
    frame_times,
    frames,
    make_clip,
    sound_samples,
    video_size,
)
from tests.media.operations.conftest import RISING


def same(made: Path, frame_made: int, source: Path, frame_source: int) -> bool:
    return difference(frames(made)[frame_made], frames(source)[frame_source]) < 3


def crossings(samples) -> int:
    """Sign changes: how high the tone is."""
    return sum(1 for a, b in pairwise(samples) if (a < 0) != (b < 0))


def is_fast_started(path: Path) -> bool:
    data = path.read_bytes()
    return data.index(b"moov") < data.index(b"mdat")


def test_trim_is_exact_to_the_frame(do, video: Path) -> None:
    made = do({"operation": "trim", "startSeconds": 0.5, "endSeconds": 1.25}, media=video)
    assert (made.content_type, made.width, made.height) == ("video/mp4", 160, 90)
    assert made.seconds == 0.75
    assert frame_times(made.path) == list(range(18))
    assert same(made.path, 0, video, 12)
    assert same(made.path, 17, video, 29)
    heard, source = sound_samples(made.path), sound_samples(video)
    assert len(heard) == pytest.approx(36_000, abs=1024)
    assert crossings(heard[:6000]) == pytest.approx(crossings(source[24_000:30_000]), abs=3)
    picture = read_movie(made.path).picture
    assert (picture.codec, picture.start_seconds) == ("avc1", 0.0)
    assert is_fast_started(made.path)


def test_trim_to_a_duration_and_beyond_the_end(do, video: Path) -> None:
    made = do({"operation": "trim", "start_seconds": 1.5, "duration_seconds": 30}, media=video)
    assert frame_times(made.path) == list(range(12))


def test_a_late_part_is_the_same_as_without_looking_ahead(
    do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_clip(tmp_path / "long.mp4", "-g", 300, seconds=6, size="64x36", sound=RISING)
    monkeypatch.setattr(timing, "SEEK_AHEAD_SECONDS", 1)
    made = do({"operation": "trim", "startSeconds": 4.3, "endSeconds": 4.8}, media=source)
    assert len(frame_times(made.path)) == 12
    assert same(made.path, 0, source, 103)
    heard, original = sound_samples(made.path), sound_samples(source)
    wanted = crossings(original[206_000:218_000])
    assert crossings(heard[:12_000]) == pytest.approx(wanted, abs=4)


def test_a_part_after_the_end_is_refused(do, video: Path) -> None:
    with pytest.raises(MediaError) as refused:
        do({"operation": "trim", "startSeconds": 2.5}, media=video)
    assert refused.value.code == "time_outside"


def test_a_sound_is_trimmed_to_the_sample(do, tmp_path: Path) -> None:
    tone = tmp_path / "tone.wav"
    ffmpeg("-f", "lavfi", "-i", f"{RISING}:d=2", tone)
    made = do({"operation": "trim", "startSeconds": 0.25, "endSeconds": 1}, media=tone)
    assert (made.content_type, made.seconds) == ("audio/mp4", 0.75)
    assert len(sound_samples(made.path)) == pytest.approx(36_000, abs=1024)


@pytest.mark.parametrize(("factor", "count"), [(2, 24), (0.4, 120)])
def test_speed_changes_length_but_no_pitch(do, video: Path, factor: float, count: int) -> None:
    made = do({"operation": "speed", "factor": factor}, media=video)
    assert frame_times(made.path) == list(range(count))
    assert same(made.path, count // 2, video, 24)
    heard, source = sound_samples(made.path), sound_samples(video)
    assert len(heard) == pytest.approx(count * 2000, abs=1100)
    assert crossings(heard) / len(heard) == pytest.approx(crossings(source) / 96_000, rel=0.06)


def test_a_video_without_sound_stays_without(do, tmp_path: Path) -> None:
    silent = make_clip(tmp_path / "silent.mp4", seconds=1)
    made = do({"operation": "speed", "factor": 2}, media=silent)
    assert read_movie(made.path).sounds == ()
    assert len(frame_times(made.path)) == 12


@pytest.mark.parametrize("held_bytes", [400_000_000, 10 * 160 * 90 * 3 // 2])
def test_reverse_shows_the_last_frame_first(
    do, video: Path, monkeypatch: pytest.MonkeyPatch, held_bytes: int
) -> None:
    """The second case holds ten frames at a time, so that the video is turned in five goes."""
    monkeypatch.setattr(reversing, "MAX_HELD_BYTES", held_bytes)
    made = do({"operation": "reverse"}, media=video)
    assert frame_times(made.path) == list(range(48))
    for number in (0, 7, 8, 30, 37, 38, 47):
        assert same(made.path, number, video, 47 - number)
    heard, source = sound_samples(made.path), sound_samples(video)
    assert crossings(heard[:12_000]) == pytest.approx(crossings(source[84_000:96_000]), abs=6)
    assert crossings(heard[84_000:96_000]) == pytest.approx(crossings(source[:12_000]), abs=6)


def test_a_phones_video_comes_out_upright_and_even(do, tmp_path: Path) -> None:
    """Turned by its header, of a variable rate, an odd size and pixels that are not square."""
    uneven = ["-vf", "scale=317:179,select=not(eq(mod(n\\,7)\\,3))", "-fps_mode", "vfr"]
    lying = make_clip(tmp_path / "l.mp4", *uneven, "-pix_fmt", "yuv444p", fps=30, seconds=1)
    ffmpeg("-display_rotation", 90, "-i", lying, "-c", "copy", tmp_path / "turned.mp4")
    made = do({"operation": "trim", "endSeconds": 0.5}, media=tmp_path / "turned.mp4")
    assert video_size(made.path) == (180, 318)
    times = frame_times(made.path)
    assert times == list(range(len(times)))
    assert made.seconds == pytest.approx(0.5, abs=0.02)


def test_a_browsers_recording_is_taken(do, tmp_path: Path) -> None:
    recorded = tmp_path / "recorded.webm"
    source = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=1"]
    ffmpeg(*source, "-c:v", "libvpx", "-f", "webm", "-live", 1, recorded)
    made = do({"operation": "trim", "endSeconds": 0.4}, media=recorded)
    assert frame_times(made.path) == list(range(10))
