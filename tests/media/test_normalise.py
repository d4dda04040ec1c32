import wave
from pathlib import Path

import pytest
from PIL import Image

from showreel.core.errors import MediaError
from showreel.media.motion import render_motion
from showreel.media.moves import Move, MoveKind
from showreel.media.movie import read_movie
from showreel.media.normalise import normalise_clip, parameter_sets
from showreel.media.profile import BT709, Profile
from tests.media.decoding import (
    difference,
    ffmpeg,
    frame,
    frame_hashes,
    frame_times,
    make_clip,
    picture,
)

VARIABLE = ["-vf", "select=not(eq(mod(n\\,7)\\,3)),setpts=PTS+0.011*mod(N\\,3)/TB"]
ODD = ["-vf", "crop=157:89", "-pix_fmt", "yuv444p"]
FULL_RANGE = ["-vf", "scale=out_range=pc", "-pix_fmt", "yuvj420p"]
TEN_BIT = ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none"]
LATE = ["-vf", "setpts=PTS+0.3/TB"]

SOURCES = {
    "24": ({"fps": 24}, []),
    "25": ({"fps": 25}, []),
    "30": ({"fps": 30}, []),
    "60": ({"fps": 60}, []),
    "29.97": ({"fps": 29.97}, []),
    "variable": ({"fps": 30}, [*VARIABLE, "-fps_mode", "vfr"]),
    "odd size": ({}, ODD),
    "full range": ({}, FULL_RANGE),
    "ten bits": ({}, TEN_BIT),
    "starts late": ({}, LATE),
    "portrait": ({"size": "90x160"}, []),
    "short": ({"seconds": 0.85}, []),
    "long": ({"seconds": 1.3}, []),
    "large": ({"size": "640x360"}, []),
}


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        *((name, None) for name in SOURCES),
        *((name, "sine=440:r=44100") for name in ("30", "variable", "short", "long")),
    ],
)
def test_whatever_comes_has_the_same_form_after(
    tmp_path: Path, profile: Profile, name: str, sound: str | None
) -> None:
    options, arguments = SOURCES[name]
    source = make_clip(tmp_path / "in.mp4", *arguments, sound=sound, **{"seconds": 1} | options)
    clip = normalise_clip(source, tmp_path, profile, expected_frames=24)
    assert not clip.copied
    assert frame_times(clip.video) == list(range(24))
    video = read_movie(clip.video).picture
    assert video.parameter_sets == parameter_sets(profile)
    assert (clip.frames, video.width, video.height) == (24, 160, 90)
    assert clip.has_sound == (sound is not None)
    with wave.open(str(clip.sound)) as written:
        assert (written.getnframes(), written.getframerate()) == (48_000, 48_000)
    for path in (clip.first_frame, clip.last_frame):
        assert picture(path).size == (160, 90)


def test_cuts_for_crossfades_are_in_every_clip(clips) -> None:
    for clip in (clips.low, clips.high, clips.silent):
        assert {0, 12, 36} <= set(read_movie(clip.video).picture.sync_frames)


def test_without_a_wanted_length_its_own_counts(tmp_path: Path, profile: Profile) -> None:
    source = make_clip(tmp_path / "in.mp4", fps=30, seconds=1.5)
    assert normalise_clip(source, tmp_path, profile).frames == 36


def test_a_clip_in_the_profile_is_only_copied(tmp_path: Path, profile: Profile) -> None:
    Image.radial_gradient("L").save(tmp_path / "s.png")
    made = tmp_path / "made.mp4"
    move = Move(MoveKind.DOLLY_IN)
    render_motion(tmp_path / "s.png", made, move=move, frames=48, profile=profile)
    clip = normalise_clip(made, tmp_path, profile, expected_frames=48)
    assert clip.copied
    assert frame_hashes(clip.video) == frame_hashes(made)
    shorter = normalise_clip(made, tmp_path, profile, expected_frames=40)
    assert (shorter.copied, shorter.frames) == (False, 40)


@pytest.mark.parametrize("frames", [1, 2, 48, 130], ids="{} frames".format)
def test_a_copied_clip_has_the_pictures_of_its_ends(
    tmp_path: Path, profile: Profile, frames: int
) -> None:
    made = in_profile(tmp_path, profile, frames)
    clip = normalise_clip(made, tmp_path, profile, expected_frames=frames)
    assert clip.copied
    for still, number in ((clip.first_frame, 0), (clip.last_frame, frames - 1)):
        assert difference(picture(still), frame(made, number)) < 2


def test_a_clip_whose_end_cannot_be_decoded_is_refused(tmp_path: Path, profile: Profile) -> None:
    made = in_profile(tmp_path, profile, 48)
    body = bytearray(made.read_bytes())
    end = body.index(b"moov") - 4
    body[end - 2000 : end] = bytes(2000)
    made.write_bytes(body)
    with pytest.raises(MediaError):
        normalise_clip(made, tmp_path, profile, expected_frames=48)


def in_profile(folder: Path, profile: Profile, frames: int) -> Path:
    """A clip that has the film's profile, whose frames differ from each other."""
    source = f"testsrc2=size={profile.width}x{profile.height}:rate={profile.fps}"
    made = folder / "made.mp4"
    filters = ("-vf", f"format=yuv420p,setsar=1,{BT709}")
    ffmpeg("-f", "lavfi", "-i", source, *filters, *profile.encode_arguments(frames), made)
    return made


def test_rotation_is_applied(tmp_path: Path, profile: Profile) -> None:
    upright = make_clip(tmp_path / "u.mp4", size="90x160", source="color=red")
    ffmpeg("-display_rotation", 90, "-i", upright, "-c", "copy", tmp_path / "r.mp4")
    assert read_movie(tmp_path / "r.mp4").picture.rotation in {90, 270}
    clip = normalise_clip(tmp_path / "r.mp4", tmp_path, profile, expected_frames=48)
    assert frame(clip.video, 5).getpixel((3, 45))[0] > 200


def test_pixels_that_are_not_square_become_square(tmp_path: Path, profile: Profile) -> None:
    narrow = make_clip(tmp_path / "n.mp4", "-vf", "setsar=4/3", size="120x90", source="color=red")
    clip = normalise_clip(narrow, tmp_path, profile, expected_frames=48)
    assert frame(clip.video, 5).getpixel((3, 45))[0] > 200


def test_full_range_keeps_its_black_and_white(tmp_path: Path, profile: Profile) -> None:
    white = make_clip(tmp_path / "w.mp4", *FULL_RANGE, source="color=0xD0D0D0")
    clip = normalise_clip(white, tmp_path, profile, expected_frames=48)
    assert abs(frame(clip.video, 5).getpixel((80, 45))[1] - 0xD0) < 6


def test_first_and_last_frame_are_the_clips_ends(clips) -> None:
    first, last = picture(clips.low.first_frame), picture(clips.low.last_frame)
    assert difference(first, frame(clips.low.video, 0)) < 4
    assert difference(last, frame(clips.low.video, 47)) < 4
    assert difference(first, last) > 4


def test_silence_is_not_taken_for_sound(tmp_path: Path, profile: Profile) -> None:
    source = make_clip(tmp_path / "in.mp4", sound="anullsrc")
    assert not normalise_clip(source, tmp_path, profile).has_sound
