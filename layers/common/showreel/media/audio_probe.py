"""Checks sounds from vendors and users: of the kind asked for, whole, and long enough."""

import re
from dataclasses import dataclass
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.lengths import read_lengths

MAX_SOUND_SECONDS = 3600.0
MAX_SOUND_BYTES = 200 * 1024 * 1024
SHORTEST_SHARE = 0.8
"""A sound shorter than this share of what was asked for has failed."""
WHOLE_SHARE = 0.95
"""If less than this share of the length that the file states can be decoded, its end is missing."""
PADDING_SECONDS = 0.2
"""Padding that encoders add, which the stated length may include and decoding leaves out."""

_STARTS: dict[str, re.Pattern[bytes]] = {
    "audio/mpeg": re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),
    "audio/wav": re.compile(rb"RIFF.{4}WAVE", re.DOTALL),
    "audio/mp4": re.compile(rb".{4}ftyp", re.DOTALL),
}
_START_BYTES = 16


@dataclass(frozen=True)
class Sound:
    """A sound that passed the check."""

    content_type: str
    seconds: float


def verify_sound(
    path: Path, *, content_type: str = "audio/mpeg", wanted_seconds: float | None = None
) -> Sound:
    """Checks the first bytes and the size, then decodes all of it once.

    Raises MediaError: `media_empty`, `media_type`, `media_too_large`, `media_too_long`,
    `media_too_short`, `media_truncated`, `media_undecodable`; ValueError for an unknown content
    type.
    """
    if content_type not in _STARTS:
        raise ValueError(f"no such kind of sound: {content_type}")
    _check_start(path, content_type)
    lengths = read_lengths(path, content_type, MAX_SOUND_SECONDS)
    if any(track.kind == "video" for track in lengths.tracks):
        raise MediaError("The file is a video, not a sound", code="media_type")
    seconds = lengths.of("audio")
    _check_length(seconds, lengths.claimed_seconds, wanted_seconds)
    return Sound(content_type, seconds)


def _check_start(path: Path, content_type: str) -> None:
    size = path.stat().st_size
    if size == 0:
        raise MediaError("The sound file is empty", code="media_empty")
    if size > MAX_SOUND_BYTES:
        raise MediaError("The sound file is too large", code="media_too_large")
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    if not _STARTS[content_type].match(start):
        raise MediaError("The file is not the sound it should be", code="media_type")


def _check_length(seconds: float, claimed: float | None, wanted: float | None) -> None:
    if seconds > MAX_SOUND_SECONDS or (claimed or 0) > MAX_SOUND_SECONDS:
        raise MediaError("The sound is too long", code="media_too_long")
    if seconds <= 0:
        raise MediaError("The sound can't be read", code="media_undecodable")
    if claimed is not None and seconds < claimed * WHOLE_SHARE - PADDING_SECONDS:
        raise MediaError("The end of the sound is missing", code="media_truncated")
    if wanted is not None and seconds < wanted * SHORTEST_SHARE:
        raise MediaError("The sound is shorter than asked for", code="media_too_short")
