"""Measures how long an untrusted file lasts by its contents, not its headers.

FFmpeg reads all packets of every track, fragments too, and decodes the sounds. Edit lists are
ignored, because some vendors ignore them: what they hide counts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from showreel.core.errors import MediaError
from showreel.media.probe import parse_duration
from showreel.media.runner import ProcessLimits, media_input, run

MAX_FRAMES_PER_SECOND = 240
"""With more, the header's time is too short for the frames that are there."""
MAX_TRACKS = 8
TrackKind = Literal["video", "audio"]

_WITH_EDIT_LISTS = frozenset({"audio/mp4", "video/mp4", "video/quicktime"})
_LIMITS = ProcessLimits(seconds=60, output_bytes=64 * 1024 * 1024)
_MOST_DAMAGED = "0.1"
_IN_ORDER = "asetpts=N/SR/TB"
"""Makes a sound as long as its samples, whatever its packets' times are."""
_IS_GUESSED = "Estimating duration from bitrate"
_HEAD = re.compile(r"#(\w+) (\d+): (\S+)")


@dataclass
class TrackLength:
    """How long a track is as it was read: by its packets, or the frames of a decoded sound."""

    kind: TrackKind
    tick: Fraction
    packets: int = 0
    ticks: int = 0
    shown: set[int] = field(default_factory=set)
    """When the first packet is shown and when the last one ends, in ticks."""

    def add(self, shown: int, ticks: int) -> None:
        """Adds a packet."""
        self.packets, self.ticks = self.packets + 1, self.ticks + ticks
        times = {*self.shown, shown, shown + ticks}
        self.shown = {min(times), max(times)}

    @property
    def seconds(self) -> float:
        """The time from its start to its end, or the sum of its packets if that is longer."""
        span = max(self.shown) - min(self.shown) if self.shown else 0
        return float(max(span, self.ticks) * self.tick)


@dataclass(frozen=True)
class Lengths:
    """The tracks with video or sound, and the length that the file states, None if it doesn't."""

    tracks: tuple[TrackLength, ...]
    claimed_seconds: float | None

    def of(self, kind: TrackKind) -> float:
        """Returns the seconds of the longest track of a kind, 0 if there is none."""
        return max((track.seconds for track in self.tracks if track.kind == kind), default=0.0)


def video_seconds(path: Path, content_type: str, most_seconds: float) -> float:
    """Returns the greatest length that a vendor might bill: of any track, or as the file states.

    Raises MediaError `media_no_video`, `media_too_long`, and what `read_lengths` raises.
    """
    lengths = read_lengths(path, content_type, most_seconds)
    videos = [track for track in lengths.tracks if track.kind == "video"]
    if not any(track.packets for track in videos):
        raise MediaError("The file has no video", code="media_no_video")
    seconds = max(lengths.claimed_seconds or 0.0, lengths.of("video"), lengths.of("audio"))
    if seconds > most_seconds:
        raise MediaError(f"At most {most_seconds:g} seconds of video", code="media_too_long")
    if any(track.packets > max(1.0, track.seconds) * MAX_FRAMES_PER_SECOND for track in videos):
        raise MediaError("The video has too many frames for its length", code="media_too_long")
    return seconds


def read_lengths(path: Path, content_type: str, most_seconds: float) -> Lengths:
    """Reads the file to its end, or to a second more than `most_seconds`.

    Raises MediaError `media_undecodable`, and `media_too_many_tracks` above 8.
    """
    whole = ["-ignore_editlist", "1"] if content_type in _WITH_EDIT_LISTS else []
    opened = ["-max_error_rate", _MOST_DAMAGED, *whole, *media_input(path, content_type)]
    tracks = ["-map", "0:V?", "-map", "0:a?", "-c:v", "copy", "-copyinkf", "-af", _IN_ORDER]
    with TemporaryDirectory(dir=path.parent) as folder:
        packets = Path(folder).resolve() / "packets"
        end = ["-t", str(most_seconds + 1), "-f", "framecrc", str(packets)]
        log = run([*opened, *tracks, *end], path.parent, limits=_LIMITS)
        with packets.open(encoding="ascii") as lines:
            return Lengths(_tracks(lines), _claimed_seconds(log))


def _tracks(lines: Iterable[str]) -> tuple[TrackLength, ...]:
    """Sums up FFmpeg's list of packets: heads `#name track: value`, then a row for each packet."""
    tracks: dict[str, TrackLength] = {}
    ticks: dict[str, Fraction] = {}
    for line in lines:
        if head := _HEAD.match(line):
            name, index, value = head.groups()
            if name == "tb":
                ticks[index] = Fraction(value)
            if name == "media_type":
                tracks[index] = TrackLength("video" if value == "video" else "audio", ticks[index])
        elif not line.startswith("#"):
            index, _, shown, duration, *_ = line.split(",")
            tracks[index].add(int(shown), int(duration))
    if len(tracks) > MAX_TRACKS:
        raise MediaError("The file has too many tracks", code="media_too_many_tracks")
    return tuple(tracks.values())


def _claimed_seconds(log: str) -> float | None:
    """Returns the length that the file states, None if FFmpeg only guessed it."""
    return None if _IS_GUESSED in log else parse_duration(log)
