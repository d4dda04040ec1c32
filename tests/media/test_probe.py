import contextlib
import random
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showreel.core.errors import MediaError
from showreel.media.movie import read_movie
from showreel.media.probe import verify_delivery
from tests.media.decoding import ffmpeg, make_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("probe") / "clip.mp4"
    return make_clip(path, "-movflags", "+faststart", sound="sine=440", seconds=2)


def refused(path: Path, **wanted: float) -> str:
    with pytest.raises(MediaError) as caught:
        verify_delivery(path, **wanted)
    return caught.value.code


def changed(tmp_path: Path, data: bytes) -> Path:
    (tmp_path / "changed.mp4").write_bytes(data)
    return tmp_path / "changed.mp4"


def test_a_good_clip_passes_with_its_facts(clip: Path) -> None:
    delivery = verify_delivery(clip, wanted_seconds=2)
    assert (delivery.width, delivery.height, delivery.has_native_audio) == (160, 90, True)
    assert delivery.seconds == pytest.approx(2)


def test_the_movie_box_describes_what_ffmpeg_made(clip: Path) -> None:
    video = read_movie(clip).picture
    assert (video.samples, video.frame_ticks, video.timescale) == (48, 512, 12288)
    assert (video.codec, video.rotation, video.start_seconds) == ("avc1", 0, 0)
    assert video.parameter_sets[:1] == b"\x01"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "media_empty"),
        (b"<!doctype html><html><body>Sign in</body></html>", "media_type"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "media_type"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/\n", "media_type"),
        (b"\x1aE\xdf\xa3webm" + bytes(100), "media_type"),
        (b"\x00", "media_damaged"),
        (struct.pack(">I4s", 8, b"ftyp"), "media_damaged"),
        (struct.pack(">I4s", 4, b"ftyp") + bytes(64), "media_damaged"),
        (struct.pack(">I4sQ", 1, b"ftyp", 2**63) + bytes(64), "media_truncated"),
        (struct.pack(">I4s", 0, b"moov") + struct.pack(">I4s", 2**31, b"trak"), "media_damaged"),
    ],
)
def test_what_is_no_video_is_refused_by_name(tmp_path: Path, data: bytes, code: str) -> None:
    assert refused(changed(tmp_path, data)) == code


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_truncated_clip_is_refused(clip: Path, tmp_path: Path, share: float) -> None:
    data = clip.read_bytes()
    assert refused(changed(tmp_path, data[: int(len(data) * share)])) == "media_truncated"


def test_noise_in_the_pictures_is_refused(clip: Path, tmp_path: Path) -> None:
    data = bytearray(clip.read_bytes())
    start = data.index(b"mdat") + 2000
    noise = random.Random(1).randbytes((len(data) - start) // 2)
    data[start : start + len(noise)] = noise
    assert refused(changed(tmp_path, bytes(data))) == "media_undecodable"


def test_noise_after_the_type_box_is_refused(clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()
    noise = random.Random(0).randbytes(len(data) - 32)
    assert refused(changed(tmp_path, data[:32] + noise)) in {"media_damaged", "media_truncated"}


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=440:d=1", tmp_path / "a.mp4")
    assert refused(tmp_path / "a.mp4") == "media_no_video"


def test_hours_are_refused_before_decoding(tmp_path: Path) -> None:
    make_clip(tmp_path / "long.mp4", seconds=7200, fps=0.5, size="32x32")
    assert refused(tmp_path / "long.mp4") == "media_too_long"


def test_a_clip_much_shorter_than_asked_is_refused(clip: Path) -> None:
    assert refused(clip, wanted_seconds=5) == "media_too_short"
    verify_delivery(clip, wanted_seconds=2.1)


def test_fragments_are_read_too(clip: Path, tmp_path: Path) -> None:
    flags = "frag_keyframe+empty_moov"
    ffmpeg("-i", clip, "-c", "copy", "-movflags", flags, tmp_path / "fragments.mp4")
    assert verify_delivery(tmp_path / "fragments.mp4").seconds == pytest.approx(2, abs=0.1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_escapes_as_another_error(
    clip: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(clip.read_bytes()[:4000])
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 5))
        content[position : position + 4] = data.draw(st.binary(min_size=4, max_size=4))
    content = content[: data.draw(st.integers(0, len(content)))]
    with contextlib.suppress(MediaError):
        read_movie(changed(tmp_path, bytes(content)))
