"""What decides a price is measured: no header makes a video shorter than it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from showreel.core.errors import MediaError
from showreel.media.lengths import video_seconds
from tests.media.decoding import ffmpeg, make_clip

MP4, MOV, WEBM = "video/mp4", "video/quicktime", "video/webm"
SECONDS = 6
MOST_SECONDS = 60


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lengths") / "clip.mp4"
    return make_clip(path, sound="sine=440", seconds=SECONDS, size="64x36")


def measured(path: Path, content_type: str = MP4) -> float:
    return video_seconds(path, content_type, MOST_SECONDS)


def refused(path: Path, content_type: str = MP4) -> str:
    with pytest.raises(MediaError) as caught:
        measured(path, content_type)
    return caught.value.code


def with_boxes(
    path: Path, tmp_path: Path, kind: bytes, change: Callable[[bytearray], None]
) -> Path:
    """The file with every box of a kind changed, whose content is handed over."""
    data, at = bytearray(path.read_bytes()), 0
    while (at := data.find(kind, at)) >= 0:
        end = at - 4 + int.from_bytes(data[at - 4 : at])
        content = data[at + 4 : end]
        change(content)
        data[at + 4 : end] = content
        at = end
    changed = tmp_path / "changed.mp4"
    changed.write_bytes(data)
    return changed


def number(at: int, value: int) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        content[at : at + 4] = value.to_bytes(4)

    return change


def every_delta(ticks: int) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        for entry in range(int.from_bytes(content[4:8])):
            number(8 + 8 * entry + 4, ticks)(content)

    return change


HONEST = {
    "fragmented": ("f.mp4", MP4, ["-c", "copy", "-movflags", "frag_keyframe+empty_moov"]),
    "fragments of one track each": ("d.mp4", MP4, ["-c", "copy", "-movflags", "dash+cmaf"]),
    "with an edit list": ("e.mp4", MP4, ["-c", "copy", "-use_editlist", "1"]),
    "QuickTime": ("q.mov", MOV, ["-c", "copy"]),
    "WebM": (
        "w.webm",
        WEBM,
        ["-c:v", "libvpx", "-deadline", "realtime", "-threads", "1", "-c:a", "libopus"],
    ),
    "streamed WebM": (
        "l.webm",
        WEBM,
        ["-c:v", "libvpx", "-deadline", "realtime", "-threads", "1", "-live", "1"],
    ),
}


@pytest.mark.parametrize("kind", HONEST)
def test_honest_files_are_as_long_as_they_are(clip: Path, tmp_path: Path, kind: str) -> None:
    name, content_type, arguments = HONEST[kind]
    ffmpeg("-i", clip, *arguments, tmp_path / name)
    assert measured(tmp_path / name, content_type) == pytest.approx(SECONDS, abs=0.15)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (b"mvhd", number(16, 1000)),
        (b"tkhd", number(20, 1000)),
        (b"mdhd", number(16, 1000)),
        (b"elst", number(8, 1000)),
    ],
)
def test_a_second_in_a_header_buys_no_more(
    clip: Path, tmp_path: Path, kind: bytes, change: Callable[[bytearray], None]
) -> None:
    lying = with_boxes(clip, tmp_path, kind, change)
    assert measured(lying) == pytest.approx(SECONDS, abs=0.15)


def test_no_header_shortens_a_fragmented_file(clip: Path, tmp_path: Path) -> None:
    fragments = tmp_path / "fragments.mp4"
    ffmpeg("-i", clip, "-c", "copy", "-movflags", "frag_keyframe+empty_moov", fragments)
    for kind in (b"mvhd", b"mdhd"):
        fragments = with_boxes(fragments, tmp_path, kind, number(16, 1000))
    lying = with_boxes(fragments, tmp_path, b"tfdt", number(8, 0))
    assert measured(lying) == pytest.approx(SECONDS, abs=0.3)


@pytest.mark.parametrize("longer", ["sound", "second video"])
def test_the_longest_track_counts(tmp_path: Path, longer: str) -> None:
    short = make_clip(tmp_path / "short.mp4", seconds=1, size="64x36")
    other = make_clip(tmp_path / "long.mp4", seconds=SECONDS, size="64x36", sound="sine=440")
    second = "1:a" if longer == "sound" else "1:v"
    tracks = ["-i", short, "-i", other, "-map", "0:v", "-map", second, "-c", "copy"]
    ffmpeg(*tracks, tmp_path / "both.mp4")
    lying = with_boxes(tmp_path / "both.mp4", tmp_path, b"mvhd", number(16, 1000))
    assert measured(lying) == pytest.approx(SECONDS, abs=0.15)


def test_frames_squeezed_into_a_moment_are_refused(tmp_path: Path) -> None:
    silent = make_clip(tmp_path / "silent.mp4", seconds=30, size="32x32")
    lying = with_boxes(silent, tmp_path, b"stts", every_delta(1))
    for kind, at in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16), (b"elst", 8)):
        lying = with_boxes(lying, tmp_path, kind, number(at, 1))
    assert refused(lying) == "media_too_long"


def test_a_sound_squeezed_into_a_moment_counts_whole(clip: Path, tmp_path: Path) -> None:
    lying = with_boxes(clip, tmp_path, b"stts", every_delta(1))
    for kind, at in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16), (b"elst", 8)):
        lying = with_boxes(lying, tmp_path, kind, number(at, 1))
    assert measured(lying) == pytest.approx(SECONDS, abs=0.15)


def test_a_video_that_is_too_long_is_refused(tmp_path: Path) -> None:
    long = make_clip(tmp_path / "long.mp4", seconds=MOST_SECONDS + 5, fps=1, size="32x32")
    assert refused(long) == "media_too_long"


def test_what_has_no_picture_is_no_video(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=440:d=1", tmp_path / "a.mp4")
    assert refused(tmp_path / "a.mp4") == "media_no_video"


@pytest.mark.parametrize("content_type", [MP4, MOV, WEBM])
@pytest.mark.parametrize("data", [b"", b"#EXTM3U\nhttp://169.254.169.254/\n", b"\x1aE\xdf\xa3webm"])
def test_what_is_no_file_of_its_kind_is_refused(
    tmp_path: Path, content_type: str, data: bytes
) -> None:
    (tmp_path / "file").write_bytes(data)
    assert refused(tmp_path / "file", content_type) == "media_undecodable"


def test_a_heap_of_tracks_is_refused(clip: Path, tmp_path: Path) -> None:
    ffmpeg("-i", clip, *["-map", "0:v"] * 9, "-c", "copy", tmp_path / "heap.mp4")
    assert refused(tmp_path / "heap.mp4") == "media_too_many_tracks"
