"""Files from strangers: taken for what they are, or refused by code; nothing else escapes."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from showreel.core.errors import MediaError, Transient
from showreel.media.operations import sources
from showreel.media.operations.models import OPERATIONS, read_operation
from showreel.media.operations.perform import perform
from tests.media.decoding import ffmpeg, make_clip

SCRIPT = b"ffconcat version 1.0\nfile /etc/passwd\n"
PLAYLIST = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"


def refused(do, parameters: dict, **files) -> str:
    with pytest.raises(MediaError) as error:
        do(parameters, **files)
    return error.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "media_empty"),
        (b"<!DOCTYPE html><html></html>" * 9, "media_type"),
        (SCRIPT, "media_type"),
        (PLAYLIST, "media_type"),
        (b"\x00\x00\x00\x18ftypisom" + SCRIPT * 9, "media_damaged"),
        (b"GIF89a" + b"\0" * 99, "media_type"),
        (b"\x1a\x45\xdf\xa3webm" + b"\0" * 99, "media_undecodable"),
    ],
)
def test_what_is_no_media_is_refused_by_name(do, tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "in.mp4").write_bytes(data)
    assert refused(do, {"operation": "reverse"}, media=tmp_path / "in.mp4") == code


def test_the_wrong_kind_of_file_is_refused(do, tmp_path: Path, video: Path) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "p.png")
    assert refused(do, {"operation": "reverse"}, media=tmp_path / "p.png") == "media_type"
    assert refused(do, {"operation": "mix-audio"}, media=video, audio=video) == "media_type"
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-f", "mp4", tmp_path / "sound.mp4")
    assert refused(do, {"operation": "to-gif"}, media=tmp_path / "sound.mp4") == "media_type"


def test_a_truncated_video_is_refused(do, tmp_path: Path, video: Path) -> None:
    data = video.read_bytes()
    (tmp_path / "in.mp4").write_bytes(data[: len(data) // 2])
    assert refused(do, {"operation": "reverse"}, media=tmp_path / "in.mp4") == "media_truncated"


def test_hours_and_giants_are_refused_before_any_work(do, tmp_path: Path, monkeypatch) -> None:
    slow = ["-vf", "setpts=PTS*700", "-fps_mode", "passthrough", "-enc_time_base", "1/24"]
    hours = make_clip(tmp_path / "h.mp4", *slow, seconds=1, size="64x64")
    assert refused(do, {"operation": "reverse"}, media=hours) == "media_too_long"
    usual = make_clip(tmp_path / "u.mp4", seconds=1, size="64x64")
    monkeypatch.setattr(sources, "MAX_WORK_PIXELS", 64 * 64 * 23)
    assert refused(do, {"operation": "reverse"}, media=usual) == "media_too_long"


def test_what_crashes_our_tools_is_not_tried_for_hours(do, tmp_path, video, monkeypatch) -> None:
    def crash(*_arguments, **_options):
        raise Transient("crashed", code="media_crash")

    monkeypatch.setattr("showreel.media.operations.encoding.run", crash)
    assert refused(do, {"operation": "reverse"}, media=video) == "media_crash"


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40))
def test_no_damage_escapes_as_another_error(tmp_path: Path, small: bytes, at, junk) -> None:
    place = int(at * (len(small) - len(junk)))
    path = tmp_path / "in.mp4"
    path.write_bytes(small[:place] + junk + small[place + len(junk) :])
    with suppress(MediaError):
        perform(read_operation({"operation": "extract-frame"}), {"media": [path]}, tmp_path)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("small") / "in.mp4"
    return make_clip(path, seconds=0.25, size="64x36", sound="sine=440").read_bytes()


@pytest.mark.parametrize(
    "parameters",
    [
        {"operation": "explode"},
        {"operation": "trim", "startSeconds": -1},
        {"operation": "trim", "startSeconds": 2, "endSeconds": 1},
        {"operation": "trim", "endSeconds": 2, "durationSeconds": 1},
        {"operation": "trim", "start": 1},
        {"operation": "trim", "startSeconds": float("nan")},
        {"operation": "speed", "factor": 0},
        {"operation": "speed"},
        {"operation": "resize"},
        {"operation": "resize", "width": 100_000},
        {"operation": "crop", "width": 100},
        {"operation": "crop", "width": 100, "height": 100, "aspectRatio": "1:1"},
        {"operation": "extract-audio", "format": "exe"},
        {"operation": "overlay", "position": "'[0:v]"},
        {"operation": "to-gif", "width": 5000},
    ],
    ids=str,
)
def test_parameters_are_checked_without_any_file(parameters: dict) -> None:
    with pytest.raises(ValidationError):
        read_operation(parameters)


def test_every_operation_says_what_it_takes() -> None:
    assert len(OPERATIONS) == 11
    for name, operation in OPERATIONS.items():
        assert "media" in operation.takes, name
        assert operation.__doc__
        assert operation.gives in {"same", "image", "audio"}
