"""Mix, concat and extraction: what is heard, how loud, for how long."""

import math
from itertools import pairwise
from pathlib import Path

import pytest

from showreel.core.errors import MediaError
from showreel.media.movie import read_movie
from tests.media.decoding import (
    difference,
    ffmpeg,
    frame_hashes,
    frame_times,
    frames,
    loudness,
    make_clip,
    picture,
    sound_samples,
)


def tone(path: Path, hertz: int, seconds: float, volume: float = 0.3) -> Path:
    source = f"aevalsrc={volume}*sin(2*PI*{hertz}*t):s=48000:d={seconds}"
    ffmpeg("-f", "lavfi", "-i", source, path)
    return path


def crossings(samples) -> int:
    return sum(1 for a, b in pairwise(samples) if (a < 0) != (b < 0))


def peak(samples) -> int:
    return max(map(abs, samples), default=0)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of video whose sound is in its second half only."""
    source = "aevalsrc=0.2*sin(2*PI*700*t)*gte(t\\,2):s=48000"
    path = tmp_path_factory.mktemp("spoken") / "in.mp4"
    return make_clip(path, seconds=4, size="160x90", sound=source)


def test_music_is_mixed_at_the_loudness_of_films_and_the_picture_copied(do, spoken, tmp_path):
    music = tone(tmp_path / "m.mp3", 220, 1.5, volume=0.02)
    made = do({"operation": "mix-audio", "volume": 50}, media=spoken, audio=music)
    assert frame_hashes(made.path) == frame_hashes(spoken)
    assert loudness(made.path) == pytest.approx(-16, abs=1)
    heard = sound_samples(made.path)
    assert len(heard) == pytest.approx(192_000, abs=1024)
    assert peak(heard[10_000:80_000]) > 150, "the music is heard before the other sound"
    assert read_movie(made.path).picture.start_seconds == 0


def test_music_gives_way_to_the_other_sound(do, spoken, tmp_path) -> None:
    music = tone(tmp_path / "m.wav", 220, 4, volume=0.2)
    both = sound_samples(do({"operation": "mix-audio"}, media=spoken, audio=music).path)
    low = [filtered(part) for part in (both[48_000:80_000], both[130_000:160_000])]
    assert low[1] < low[0] * 0.6


def filtered(samples) -> float:
    """How strong 220 Hz are, by correlation."""
    sums = [
        sum(v * wave(2 * math.pi * 220 * i / 48_000) for i, v in enumerate(samples))
        for wave in (math.sin, math.cos)
    ]
    return math.hypot(*sums) / len(samples)


def test_the_own_sound_can_be_left_out(do, spoken, tmp_path) -> None:
    music = tone(tmp_path / "m.wav", 220, 4)
    wanted = {"operation": "mix-audio", "keepOriginal": False}
    heard = sound_samples(do(wanted, media=spoken, audio=music).path)
    assert crossings(heard[100_000:148_000]) == pytest.approx(440, abs=6)


def test_music_that_does_not_loop_ends(do, spoken, tmp_path) -> None:
    music = tone(tmp_path / "m.wav", 220, 1)
    wanted = {"operation": "mix-audio", "keepOriginal": False}
    once = sound_samples(do(wanted | {"loop": False}, media=spoken, audio=music).path)
    again = sound_samples(do(wanted, media=spoken, audio=music).path)
    assert peak(once[60_000:90_000]) < 50 < peak(again[60_000:90_000])


def test_a_video_without_sound_gets_one(do, tmp_path) -> None:
    silent = make_clip(tmp_path / "s.mp4", seconds=1, fps=30, size="160x90")
    made = do({"operation": "mix-audio"}, media=silent, audio=tone(tmp_path / "m.wav", 300, 3))
    assert len(read_movie(made.path).sounds) == 1
    assert frame_times(made.path) == list(range(30))
    assert crossings(sound_samples(made.path)[:24_000]) == pytest.approx(300, abs=6)


def test_a_video_that_cannot_be_copied_is_encoded_under_its_music(do, tmp_path) -> None:
    turned = make_clip(tmp_path / "u.mp4", seconds=1, size="90x160", source="color=red")
    ffmpeg("-display_rotation", 90, "-i", turned, "-c", "copy", tmp_path / "r.mp4")
    music = tone(tmp_path / "m.wav", 300, 1)
    made = do({"operation": "mix-audio"}, media=tmp_path / "r.mp4", audio=music)
    assert (made.width, made.height) == (160, 90) == frames(made.path)[0].size


def test_two_sounds_are_mixed(do, tmp_path) -> None:
    voice, music = tone(tmp_path / "v.wav", 700, 1), tone(tmp_path / "m.wav", 220, 3)
    made = do({"operation": "mix-audio"}, media=voice, audio=music)
    assert (made.content_type, made.seconds) == ("audio/mp4", 1.0)
    assert len(sound_samples(made.path)) == pytest.approx(48_000, abs=1024)


def test_videos_one_after_another_are_all_there(do, video, tmp_path) -> None:
    """Of other sizes and rates, one without sound: joined in the first one's format."""
    silent = make_clip(tmp_path / "s.mp4", source="color=red", seconds=1, fps=30, size="90x90")
    made = do({"operation": "concat"}, media=[video, silent, video])
    assert frame_times(made.path) == list(range(48 + 24 + 48))
    assert made.seconds == 5
    assert difference(frames(made.path)[0], frames(video)[0]) < 3
    assert difference(frames(made.path)[72 + 20], frames(video)[20]) < 3
    between = frames(made.path)[60]
    assert between.getpixel((80, 45))[0] > 200
    assert 60 < between.getpixel((10, 45))[0] < 190, "dimmed surroundings, not stretched"
    heard, source = sound_samples(made.path), sound_samples(video)
    assert len(heard) == pytest.approx(240_000, abs=1024)
    assert peak(heard[100_000:140_000]) < 30
    assert peak(heard[20_000:90_000]) == pytest.approx(peak(source[20_000:90_000]), rel=0.1)


def test_a_transition_overlaps_two_videos(do, tmp_path) -> None:
    red = make_clip(tmp_path / "r.mp4", source="color=red", seconds=1, size="160x90")
    blue = make_clip(tmp_path / "b.mp4", source="color=blue", seconds=1, size="160x90")
    made = do({"operation": "concat", "transition": "fade"}, media=[red, blue])
    assert frame_times(made.path) == list(range(36))
    red_part, _, blue_part = frames(made.path)[18].getpixel((80, 45))
    assert 60 < red_part < 200
    assert 60 < blue_part < 200
    short = make_clip(tmp_path / "s.mp4", seconds=0.25, size="160x90")
    with pytest.raises(MediaError) as refused:
        do({"operation": "concat", "transition": "fade"}, media=[red, short])
    assert refused.value.code == "media_too_short"


def test_sounds_one_after_another(do, tmp_path) -> None:
    low, high = tone(tmp_path / "l.mp3", 200, 1), tone(tmp_path / "h.wav", 800, 0.5)
    made = do({"operation": "concat"}, media=[low, high])
    heard = sound_samples(made.path)
    assert made.seconds == pytest.approx(1.5, abs=0.06)
    assert crossings(heard[12_000:36_000]) == pytest.approx(200, abs=4)
    assert crossings(heard[-12_000:]) == pytest.approx(400, abs=20)


def test_sounds_do_not_go_with_videos(do, video, tmp_path) -> None:
    with pytest.raises(MediaError) as refused:
        do({"operation": "concat"}, media=[video, tone(tmp_path / "t.wav", 200, 1)])
    assert refused.value.code == "media_type"


@pytest.mark.parametrize(
    ("form", "content_type", "start"),
    [
        ("mp3", "audio/mpeg", b"ID3"),
        ("m4a", "audio/mp4", b"ftypM4A"),
        ("wav", "audio/wav", b"RIFF"),
    ],
)
def test_a_videos_sound_comes_out_in_every_form(do, video, form, content_type, start) -> None:
    made = do({"operation": "extract-audio", "format": form}, media=video)
    assert (made.content_type, made.seconds) == (content_type, 2.0)
    assert start in made.path.read_bytes()[:12]
    heard, source = sound_samples(made.path), sound_samples(video)
    assert len(heard) == pytest.approx(96_000, abs=1300)
    assert crossings(heard[40_000:60_000]) == pytest.approx(crossings(source[40_000:60_000]), abs=9)


def test_a_silent_video_has_no_sound_to_extract(do, tmp_path) -> None:
    silent = make_clip(tmp_path / "s.mp4", seconds=0.5, size="64x64")
    with pytest.raises(MediaError) as refused:
        do({"operation": "extract-audio"}, media=silent)
    assert refused.value.code == "media_no_sound"


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({}, 0),
        ({"position": "middle", "format": "jpeg"}, 23),
        ({"position": "last"}, 47),
        ({"atSeconds": 1.5}, 36),
        ({"atSeconds": 2.0, "format": "jpeg"}, 47),
    ],
)
def test_the_frame_that_is_wanted(do, video, wanted, number) -> None:
    made = do({"operation": "extract-frame"} | wanted, media=video)
    shown = picture(made.path)
    assert (made.width, made.height) == (160, 90) == shown.size
    assert made.content_type == f"image/{wanted.get('format', 'png')}"
    assert difference(shown, frames(video)[number]) < 4


def test_a_frame_after_the_end_is_refused(do, video) -> None:
    with pytest.raises(MediaError) as refused:
        do({"operation": "extract-frame", "atSeconds": 2.2}, media=video)
    assert refused.value.code == "time_outside"
