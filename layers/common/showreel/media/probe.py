"""Checks videos from vendors: whole, decodable, and as long as asked for."""

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.movie import Movie, read_movie
from showreel.media.runner import (
    MAX_PIXELS,
    EncodingProgress,
    ProcessLimits,
    media_input,
    mp4_input,
    run,
)

MAX_DELIVERY_SECONDS = 120.0
MAX_DELIVERY_BYTES = 400_000_000
MAX_FRAMES_PER_SECOND = 130
MAX_SIDE = 8192
SHORTEST_SHARE = 0.8
"""A video shorter than this share of what was asked for has failed."""

_DECODE_LIMITS = ProcessLimits(seconds=60, output_bytes=1024 * 1024)
_MOST_DAMAGED = "0.02"


@dataclass(frozen=True)
class VerifiedVideo:
    """A delivered video that passed: upright size in pixels, length, and if it has sound."""

    width: int
    height: int
    seconds: float
    has_native_audio: bool


def verify_delivery(path: Path, *, wanted_seconds: float | None = None) -> VerifiedVideo:
    """Checks structure and limits first, then decodes every frame once.

    Raises MediaError `media_empty`, `media_type`, `media_truncated`, `media_damaged`,
    `media_no_video`, `media_too_large`, `media_too_long`, `media_too_short`, `media_undecodable`.
    """
    if path.stat().st_size > MAX_DELIVERY_BYTES:
        raise MediaError("The video file is too large", code="media_too_large")
    movie = read_movie(path)
    _check_limits(movie)
    seconds = look(path, 0).seconds if movie.fragmented else movie.picture.seconds
    _check_length(seconds, wanted_seconds)
    _check_frames(movie, count_frames(path))
    return _delivery(movie, seconds)


def count_frames(path: Path, limits: ProcessLimits = _DECODE_LIMITS) -> int:
    """Decodes video and sound, and counts the frames. Raises MediaError above 2 % damage."""
    counted = 0

    def count(progress: EncodingProgress) -> None:
        nonlocal counted
        counted = progress.frames

    strict = ["-err_detect", "explode", "-max_error_rate", _MOST_DAMAGED]
    tracks = ["-map", "0:v:0", "-map", "0:a:0?"]
    output = [*tracks, "-fps_mode", "passthrough", "-f", "null", os.devnull]
    run([*strict, *mp4_input(path), *output], path.parent, limits=limits, on_progress=count)
    return counted


@dataclass(frozen=True)
class Picture:
    """The look of decoded frames: pixel format, colour words, upright size in square pixels, length
    in seconds, and the average frame rate (0 if unknown).
    """

    pixel_format: str
    colours: frozenset[str]
    width: int
    height: int
    seconds: float
    frames_per_second: float = 0.0

    @property
    def in_range_and_matrix(self) -> tuple[str, str]:
        """The input's range and matrix. Untagged HD is bt709, as in every player."""
        full = "pc" in self.colours or self.pixel_format.startswith("yuvj")
        named = [matrix for matrix in _MATRICES if any(matrix in word for word in self.colours)]
        guess = "bt709" if min(self.width, self.height) >= _HD_LINES else "bt601"
        return "pc" if full else "tv", _MATRICES[named[0]] if named else guess

    @property
    def plain(self) -> bool:
        """Whether it has the pixel format and colours of films."""
        return self.pixel_format == "yuv420p" and self.in_range_and_matrix == ("tv", "bt709")


_HD_LINES = 720
_DURATION = re.compile(r"^  Duration: (\d+):(\d+):([\d.]+),", re.MULTILINE)
_MATRICES = {"bt709": "bt709", "bt2020": "bt2020", "smpte170m": "bt601", "bt470bg": "bt601"}
_VIDEO_LINE = re.compile(
    r"Stream #0:\d+.*?: Video: .*?, (?P<format>[a-z]\w+)(?:\((?P<colours>[^)]*)\))?, "
    r"(?P<width>\d+)x(?P<height>\d+)(?:,? \[?SAR (?P<across>\d+):(?P<down>\d+))?"
    r"(?:.*?, (?P<rate>[\d.]+)(?P<thousand>k?) fps)?"
)


def look(path: Path, rotation: int, content_type: str = "video/mp4") -> Picture:
    """Returns the look that FFmpeg reports on opening the video. Raises MediaError. A file is
    opened once, until it changes: its framing and how it is normalised both depend on the look.
    """
    facts = path.stat()
    return _look(path, rotation, content_type, (facts.st_ino, facts.st_size, facts.st_mtime_ns))


@functools.lru_cache(maxsize=16)
def _look(path: Path, rotation: int, content_type: str, _version: tuple[int, ...]) -> Picture:
    opened = media_input(path, content_type)
    log = run([*opened, "-map", "0:v:0", "-t", "0", "-f", "null", os.devnull], path.parent)
    found = _VIDEO_LINE.search(log)
    if found is None:
        raise MediaError("The video can't be read", code="media_undecodable")
    across, down = int(found["across"] or 1), int(found["down"] or 1)
    size = (max(1, round(int(found["width"]) * across / down)), int(found["height"]))
    width, height = reversed(size) if rotation in {90, 270} else size
    words = re.split(r"[,/ ]+", found["colours"] or "")
    rate = float(found["rate"] or 0) * (1000 if found["thousand"] else 1)
    seconds = parse_duration(log) or 0.0
    return Picture(found["format"], frozenset(words), width, height, seconds, rate)


def parse_duration(log: str) -> float | None:
    """Returns the length in seconds in FFmpeg's log, None if it has none."""
    found = _DURATION.search(log)
    if found is None:
        return None
    hours, minutes, seconds = map(float, found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _check_limits(movie: Movie) -> None:
    """Raises MediaError for stated sizes beyond the limits, before anything is decoded."""
    picture = movie.picture
    if picture.samples > MAX_DELIVERY_SECONDS * MAX_FRAMES_PER_SECOND:
        raise MediaError("The video has too many frames", code="media_too_long")
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS or max(picture.width, picture.height) > MAX_SIDE:
        raise MediaError("The video's picture is too large", code="media_too_large")
    if pixels == 0:
        raise MediaError("The video has no picture", code="media_no_video")


def _check_length(seconds: float, wanted_seconds: float | None) -> None:
    """Raises MediaError for a video that is too long, or much shorter than asked for."""
    if seconds > MAX_DELIVERY_SECONDS:
        raise MediaError("The video is too long", code="media_too_long")
    if wanted_seconds is not None and seconds < wanted_seconds * SHORTEST_SHARE:
        raise MediaError("The video is shorter than asked for", code="media_too_short")


def _check_frames(movie: Movie, frames: int) -> None:
    """Raises MediaError unless at least 95 percent of the stated frames are there."""
    if frames == 0 or frames < movie.picture.samples * 0.95:
        raise MediaError("Frames of the video can't be read", code="media_undecodable")


def _delivery(movie: Movie, seconds: float) -> VerifiedVideo:
    """Returns the delivery, with width and height as shown."""
    picture = movie.picture
    size = (picture.width, picture.height)
    width, height = reversed(size) if picture.rotation in {90, 270} else size
    return VerifiedVideo(width, height, seconds, bool(movie.sounds))
