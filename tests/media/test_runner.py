import errno
import os
from pathlib import Path

import pytest

from showreel.core.errors import MediaError, Transient
from showreel.media import runner
from showreel.media.runner import ProcessLimits, run, run_with_frames

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=size=64x64"]


def test_progress_counts_frames(tmp_path: Path) -> None:
    seen: list[int] = []
    output = ["-frames:v", "50", "-f", "null", os.devnull]
    run([*ENDLESS, *output], tmp_path, on_progress=lambda progress: seen.append(progress.frames))
    assert seen[-1] == 50
    assert seen == sorted(seen)


def test_the_time_limit_kills_and_is_transient(tmp_path: Path) -> None:
    with pytest.raises(Transient) as caught:
        run(
            ["-re", *ENDLESS, "-f", "null", os.devnull], tmp_path, limits=ProcessLimits(seconds=0.3)
        )
    assert caught.value.code == "media_timeout"


def test_the_output_limit_is_a_media_error(tmp_path: Path) -> None:
    arguments = [*ENDLESS, "-f", "rawvideo", str(tmp_path / "o")]
    with pytest.raises(MediaError) as caught:
        run(arguments, tmp_path, limits=ProcessLimits(seconds=20, output_bytes=4_000_000))
    assert caught.value.code == "media_too_large"
    assert (tmp_path / "o").stat().st_size <= 4_000_000


def test_without_its_limits_nothing_is_started(tmp_path: Path) -> None:
    arguments = [*ENDLESS, "-frames:v", "1", "-f", "rawvideo", str(tmp_path / "o")]
    with pytest.raises(Transient) as caught:
        run(arguments, tmp_path, limits=ProcessLimits(output_bytes=-512))
    assert caught.value.code == "media_crash"
    assert not (tmp_path / "o").exists()


def test_a_full_disk_is_transient(tmp_path: Path) -> None:
    with pytest.raises(Transient) as caught:
        run([*ENDLESS, "-frames:v", "500", "-f", "rawvideo", "/dev/full"], tmp_path)
    assert caught.value.code == "media_resources"


def test_a_crash_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = ["/bin/sh", "-c", "kill -SEGV $$"]
    monkeypatch.setattr(runner, "_command", lambda _: crashing)
    with pytest.raises(Transient) as caught:
        run([], tmp_path)
    assert caught.value.code == "media_crash"


def test_bad_input_is_a_media_error_with_our_words_only(tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").write_bytes(b"nonsense" * 100)
    with pytest.raises(MediaError) as caught:
        run([*runner.mp4_input(tmp_path / "secret.mp4"), "-f", "null", os.devnull], tmp_path)
    assert "secret" not in caught.value.message


def test_frames_that_ffmpeg_does_not_want_are_no_hang(tmp_path: Path) -> None:
    frames = (bytes(64 * 64) for _ in range(100_000))
    arguments = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "64x64", "-i", "pipe:0"]
    output = ["-frames:v", "3", "-f", "null", os.devnull]
    run_with_frames([*arguments, *output], tmp_path, frames, limits=ProcessLimits(seconds=20))


def test_ffmpeg_sees_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    showing = ["/bin/sh", "-c", "env >&2"]
    monkeypatch.setattr(runner, "_command", lambda _: showing)
    assert "AWS" not in run([], tmp_path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.ENOMEM, errno.EIO])
def test_error_numbers_decide(number: int) -> None:
    assert isinstance(runner._failure(256 - number), Transient)
    assert isinstance(runner._failure(183), MediaError)
