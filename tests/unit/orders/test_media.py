"""The media of an order: what its model is priced by is measured, whoever's container it is in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from showreel.assets import keys
from showreel.assets import service as assets
from showreel.assets.store import NOBODY
from showreel.catalog.values import InputMediaUrl
from showreel.core.errors import MediaError
from showreel.orders.media import imported
from tests.media.decoding import ffmpeg, make_clip
from tests.support.cloud import client, empty_cloud

BASE = "https://api.example.com/v1"
WORKSPACE = "ws_1"


@pytest.fixture(autouse=True)
def cloud() -> Iterator[None]:
    assets.storage.cache_clear()
    assets.asset_rows.cache_clear()
    with empty_cloud():
        yield


def uploaded(path: Path, kind: str) -> str:
    key = keys.new_key("uploads", kind)
    assets.storage().put_file(key, path, kind)
    assets.asset_rows().record(WORKSPACE, key, kind, path.stat().st_size, owner=NOBODY)
    return keys.public_url(BASE, key)


def seconds(url: str, kind: str = "video") -> float:
    with imported(WORKSPACE, (InputMediaUrl(kind, url),), BASE, "job-1") as copies:
        return copies.seconds[kind]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=3, sound="sine=440")


@pytest.mark.parametrize(
    ("name", "kind", "arguments"),
    [
        ("clip.mp4", "video/mp4", ["-c", "copy"]),
        ("f.mp4", "video/mp4", ["-c", "copy", "-movflags", "frag_keyframe+empty_moov"]),
        ("q.mov", "video/quicktime", ["-c", "copy"]),
        ("w.webm", "video/webm", ["-c:v", "libvpx", "-deadline", "realtime"]),
    ],
)
def test_every_honest_video_is_taken_at_its_length(
    clip: Path, tmp_path: Path, name: str, kind: str, arguments: list[str]
) -> None:
    ffmpeg("-i", clip, *arguments, tmp_path / name)
    assert seconds(uploaded(tmp_path / name, kind)) == pytest.approx(3, abs=0.15)


def test_a_header_that_claims_a_second_buys_no_more_than_a_second(tmp_path: Path) -> None:
    """The first track and the movie's header say one second, the second track lasts sixty."""
    short, long = tmp_path / "short.mp4", tmp_path / "long.mp4"
    make_clip(short, seconds=1)
    make_clip(long, seconds=60, fps=2, size="64x36")
    both = tmp_path / "both.mp4"
    ffmpeg("-i", short, "-i", long, "-map", "0:v", "-map", "1:v", "-c", "copy", both)
    data = bytearray(both.read_bytes())
    at = data.index(b"mvhd") + 4 + 16
    data[at : at + 4] = (1000).to_bytes(4)
    both.write_bytes(data)
    assert seconds(uploaded(both, "video/mp4")) == pytest.approx(60, abs=0.6)


def test_a_refused_video_leaves_nothing(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=440:d=1", tmp_path / "a.mp4")
    url = uploaded(tmp_path / "a.mp4", "video/mp4")
    with pytest.raises(MediaError) as caught:
        seconds(url)
    assert caught.value.code == "media_no_video"
    left = client("s3").list_objects_v2(Bucket="media-bucket", Prefix="project-assets/")
    assert "Contents" not in left
