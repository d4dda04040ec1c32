"""Starts FFmpeg; nothing else does.

FFmpeg reads untrusted files, so it gets: an argv list (no shell parses it), no standard input, only
local files, a forced input format, its own directory, a bare environment, and limits on time,
output size, picture size and single allocations. Errors are read from its exit code, the low byte
of FFmpeg's error number, never from its text.
"""

import errno
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from showreel.core.errors import AppError, MediaError, Transient


@dataclass(frozen=True)
class EncodingProgress:
    """FFmpeg's progress. `frames` stays 0 while video is only copied."""

    frames: int
    seconds: float


OnProgress = Callable[[EncodingProgress], None]

MAX_PIXELS = 40_000_000
MAX_ALLOCATION_BYTES = 512 * 1024 * 1024
LOG_TAIL_BYTES = 64 * 1024
NOTE_LINES = 8
BYTES_PER_BLOCK = 512


@dataclass(frozen=True)
class ProcessLimits:
    """The limits of one FFmpeg process: wall time, and bytes of each file that it writes."""

    seconds: float = 120.0
    output_bytes: int = 2 * 1024**3


MACHINE_FAULTS = frozenset({"media_timeout", "media_crash", "media_resources"})
"""The codes of failures that may be the machine's, if once, or the file's, if every time."""
DEFAULT_LIMITS = ProcessLimits()


_MOV = ("-f", "mov", "-enable_drefs", "0")
DEMUXERS: Mapping[str, tuple[str, ...]] = {
    "audio/mpeg": ("-f", "mp3"),
    "audio/wav": ("-f", "wav"),
    "audio/mp4": _MOV,
    "video/mp4": _MOV,
    "video/quicktime": _MOV,
    "video/webm": ("-f", "matroska"),
}
"""By content type, the arguments that open a file as that only; no references are followed."""


def media_input(path: Path, content_type: str) -> list[str]:
    """Returns arguments that open `path` as its content type and as nothing else."""
    pictures = ("-max_pixels", str(MAX_PIXELS)) if content_type.startswith("video/") else ()
    opened = ("-protocol_whitelist", "file", *DEMUXERS[content_type], *pictures)
    return [*opened, "-i", os.fspath(path.resolve())]


def mp4_input(path: Path) -> list[str]:
    """Returns arguments that open `path` as MP4 or MOV and as nothing else."""
    return media_input(path, "video/mp4")


def run(
    arguments: Sequence[str],
    workdir: Path,
    *,
    limits: ProcessLimits = DEFAULT_LIMITS,
    on_progress: OnProgress | None = None,
) -> str:
    """Runs FFmpeg in `workdir` to its end and returns the end of its log.

    Raises MediaError if it refuses the input, Transient for a crash, a full disk or the time limit.
    """
    with _started(["-nostdin", *arguments], workdir, limits, subprocess.DEVNULL) as process:
        for progress in _progress(process):
            if on_progress is not None:
                on_progress(progress)
    return process.log


def run_with_frames(
    arguments: Sequence[str], workdir: Path, frames: Iterable[bytes], *, limits: ProcessLimits
) -> None:
    """Runs FFmpeg with raw `frames` on its standard input (`pipe:0`). Raises as `run`."""
    with _started(arguments, workdir, limits, subprocess.PIPE) as process:
        _feed(process.stdin, frames)
        for _ in _progress(process):
            pass


class _Process(subprocess.Popen[bytes]):
    """A running FFmpeg, with what `_judge` needs when it ends."""

    log: str = ""
    timed_out: bool = False

    def expire(self) -> None:
        """Kills the process, because its time limit is over."""
        self.timed_out = True
        self.kill()


@contextmanager
def _started(
    arguments: Sequence[str], workdir: Path, limits: ProcessLimits, stdin: int
) -> Iterator[_Process]:
    """Provides a process under its limits; kills it if the body fails. Raises as `_judge`."""
    with tempfile.TemporaryFile(dir=workdir) as log:
        process = _Process(
            [*_limited(limits), *_command(arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=workdir,
            env=_environment(workdir),
            start_new_session=True,
        )
        timer = threading.Timer(limits.seconds, process.expire)
        timer.start()
        try:
            with process:
                yield process
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
        process.log = _tail(log)
        _judge(process)


def _command(arguments: Sequence[str]) -> list[str]:
    """Returns the argv. Progress goes to standard output, the log to standard error."""
    binary = shutil.which("ffmpeg")
    if binary is None:
        raise RuntimeError("ffmpeg is not on the PATH: the FFmpeg layer is missing")
    return [
        *(binary, "-hide_banner", "-nostats", "-loglevel", "info", "-y"),
        *("-max_alloc", str(MAX_ALLOCATION_BYTES), "-progress", "pipe:1", "-stats_period", "0.25"),
        *arguments,
    ]


def _environment(workdir: Path) -> dict[str, str]:
    """Returns FFmpeg's environment: its directory, but no keys and no proxy."""
    return {"HOME": os.fspath(workdir), "LC_ALL": "C"}


def _limited(limits: ProcessLimits) -> list[str]:
    """Returns the start of an argv that sets limits and then becomes the command.

    The shell parses nothing of the argv. Limits set by this process would come after FFmpeg's first
    writes. `ulimit -f` counts blocks of 512 bytes (POSIX). If a limit can't be set, the shell kills
    itself, which counts as a crash.
    """
    script = 'ulimit -c 0 && ulimit -f "$0" && exec "$@"; kill -KILL $$'
    return ["/bin/sh", "-c", script, str(limits.output_bytes // BYTES_PER_BLOCK)]


def _progress(process: _Process) -> Iterator[EncodingProgress]:
    """Yields FFmpeg's progress reports: blocks of `name=value`, each ended by `progress=`."""
    values: dict[str, str] = {}
    for line in process.stdout or ():
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        values[name] = value
        if name == "progress":
            yield EncodingProgress(_number(values, "frame"), _number(values, "out_time_us") / 1e6)


def _number(values: dict[str, str], name: str) -> int:
    """Returns a number of the report, 0 while it is N/A."""
    value = values.get(name, "")
    return int(value) if value.isdigit() else 0


def _feed(stdin: IO[bytes] | None, frames: Iterable[bytes]) -> None:
    """Writes every frame. A broken pipe means that FFmpeg has ended, and its exit code says why."""
    if stdin is None:
        return
    with suppress(BrokenPipeError), stdin:
        for frame in frames:
            stdin.write(frame)


def _tail(log: IO[bytes]) -> str:
    """Returns the end of the log, where the summary is."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - LOG_TAIL_BYTES))
    return log.read().decode("utf-8", "replace")


def _judge(process: _Process) -> None:
    """Raises if FFmpeg failed. The message is for callers; a note has the log's end."""
    if process.timed_out:
        raise Transient("Processing took longer than its time limit", code="media_timeout")
    if process.returncode != 0:
        failure = _failure(process.returncode)
        failure.add_note("\n".join(process.log.splitlines()[-NOTE_LINES:]))
        raise failure


def _failure(code: int) -> AppError:
    """Returns the error of an exit code: a signal if negative, else an AVERROR's low byte."""
    if code == -signal.SIGXFSZ:
        return MediaError("The result is larger than allowed", code="media_too_large")
    if code < 0:
        return Transient("Media processing crashed", code="media_crash")
    if code in {256 - errno.ENOSPC, 256 - errno.ENOMEM, 256 - errno.EIO, 256 - errno.EDQUOT}:
        return Transient("No space or memory for media processing", code="media_resources")
    if code == 256 - errno.EFBIG:
        return MediaError("The result is larger than allowed", code="media_too_large")
    return MediaError("The media can't be read", code="media_undecodable")
