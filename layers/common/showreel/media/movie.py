"""Reads what an MP4 file states about its tracks: sizes, rates, sync frames, sound. Unverified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.boxes import MAX_SAMPLES, Box, Mp4File, damaged, read_file

_ROTATIONS = {(1, 0, 0, 1): 0, (0, 1, -1, 0): 90, (-1, 0, 0, -1): 180, (0, -1, 1, 0): 270}
_FIXED = 65536


@dataclass(frozen=True)
class Track:
    """What every track has. `start_seconds` is when its first sample is shown."""

    codec: str
    timescale: int
    duration_ticks: int
    samples: int
    start_seconds: float

    @property
    def seconds(self) -> float:
        """The length of its samples in seconds."""
        return self.duration_ticks / self.timescale


@dataclass(frozen=True)
class VideoTrack(Track):
    """A video track. `frame_ticks` is None if frames differ in length. Two tracks can be joined by
    copying only if their `parameter_sets` are the same.

    `sync_frames` are the frames (from 0) that start a GOP. `rotation` is in degrees clockwise, -1
    for a matrix that isn't a quarter turn. `reorder_frames` is how far decoding runs ahead of
    showing.
    """

    width: int
    height: int
    parameter_sets: bytes
    frame_ticks: int | None
    reorder_frames: int
    sync_frames: Sequence[int]
    rotation: int


@dataclass(frozen=True)
class Movie:
    """A file's tracks. `video` is its first video track; fragmented files have no frame tables."""

    video: VideoTrack | None
    sounds: tuple[Track, ...]
    seconds: float
    fragmented: bool

    @property
    def picture(self) -> VideoTrack:
        """The video track. Raises MediaError `media_no_video` if there is none."""
        if self.video is None:
            raise MediaError("The file has no video", code="media_no_video")
        return self.video


def read_movie(path: Path) -> Movie:
    """Reads the tracks of `path`. Raises as `boxes`."""
    return movie_of(read_file(path))


def movie_of(file: Mp4File) -> Movie:
    """Returns the tracks in the movie box. Raises as `boxes`."""
    timescale, duration = _times(file.movie.get(b"mvhd"))
    tracks = [box for box in file.movie.children() if box.kind == b"trak"]
    videos = [box for box in tracks if _handler(box) == b"vide"]
    sounds = [box for box in tracks if _handler(box) == b"soun"]
    return Movie(
        video=_video(videos[0], timescale) if videos else None,
        sounds=tuple(_track(box, timescale) for box in sounds),
        seconds=duration / timescale,
        fragmented=file.fragmented or file.movie.find(b"mvex") is not None,
    )


def _handler(track: Box) -> bytes:
    """Returns the track's kind: `vide`, `soun` or something else."""
    return bytes(track.get(b"mdia", b"hdlr").body[8:12])


def _times(header: Box) -> tuple[int, int]:
    """Returns timescale and duration from an `mvhd` or `mdhd` of version 0 or 1."""
    long = header.unpack("B")[0] == 1
    timescale, duration = header.unpack("IQ", 20) if long else header.unpack("II", 12)
    if timescale == 0:
        raise damaged()
    return timescale, duration


def _track(track: Box, movie_timescale: int) -> Track:
    """Returns the fields that sound and video tracks share."""
    timescale, _ = _times(track.get(b"mdia", b"mdhd"))
    samples, ticks, _ = _durations(_table(track).get(b"stts"))
    start = _start_seconds(track, movie_timescale, timescale)
    codec = _entry(track).kind.decode("latin-1")
    return Track(codec, timescale, ticks, samples, start)


def _video(track: Box, movie_timescale: int) -> VideoTrack:
    """Returns the video track."""
    common = _track(track, movie_timescale)
    entry = _entry(track)
    width, height = entry.unpack("HH", 24)
    _, _, frame_ticks = _durations(_table(track).get(b"stts"))
    first_offset = _first_composition_offset(track)
    return VideoTrack(
        **vars(common),
        width=width,
        height=height,
        parameter_sets=_parameter_sets(entry),
        frame_ticks=frame_ticks,
        reorder_frames=-(-first_offset // frame_ticks) if frame_ticks else 0,
        sync_frames=_sync_frames(track, common.samples),
        rotation=_rotation(track.get(b"tkhd")),
    )


def _table(track: Box) -> Box:
    """Returns the sample table."""
    return track.get(b"mdia", b"minf", b"stbl")


def _entry(track: Box) -> Box:
    """Returns the first sample description, whose type is the codec."""
    entry = next(_table(track).get(b"stsd").children(skip=8), None)
    if entry is None:
        raise damaged()
    return entry


def _durations(stts: Box) -> tuple[int, int, int | None]:
    """Returns the number of samples, their ticks in all, and those of each if they are equal."""
    rows = list(stts.table("II"))
    samples = sum(count for count, _ in rows)
    if samples > MAX_SAMPLES:
        raise MediaError("The video has too many frames", code="media_too_long")
    ticks = sum(count * delta for count, delta in rows)
    same = {delta for count, delta in rows if count}
    return samples, ticks, same.pop() if len(same) == 1 else None


def _parameter_sets(entry: Box) -> bytes:
    """Returns H.264's and H.265's, empty for other codecs. 78 bytes of fields precede the boxes."""
    found = (box.body for box in entry.children(skip=78) if box.kind in {b"avcC", b"hvcC"})
    return bytes(next(found, b""))


def _sync_frames(track: Box, samples: int) -> Sequence[int]:
    """Returns the frames that can be cut at, from 0: all of them if the file lists none."""
    sync = _table(track).find(b"stss")
    return tuple(number - 1 for (number,) in sync.table("I")) if sync else range(samples)


def _first_composition_offset(track: Box) -> int:
    """Returns the ticks from decoding to showing the first frame."""
    offsets = _table(track).find(b"ctts")
    first = next(iter(offsets.table("Ii")), (0, 0)) if offsets else (0, 0)
    return first[1]


def _start_seconds(track: Box, movie_timescale: int, timescale: int) -> float:
    """Returns when the first sample is shown, by the edit list."""
    edits = track.find(b"edts", b"elst")
    delay, media_time = _first_edit(edits) if edits else (0, 0)
    first = _first_composition_offset(track)
    return delay / movie_timescale + (first - media_time) / timescale


def _first_edit(edits: Box) -> tuple[int, int]:
    """Returns the empty time before (movie ticks), then where the track starts (track ticks)."""
    layout = "Qqhh" if edits.unpack("B")[0] == 1 else "Iihh"
    return _until_media(edits.table(layout))


def _until_media(rows: Iterable[tuple[int, ...]]) -> tuple[int, int]:
    """Returns the sum of empty edits before the first real one, and where that starts."""
    delay = 0
    for duration, media_time, *_ in rows:
        if media_time >= 0:
            return delay, media_time
        delay += duration
    return delay, 0


def _rotation(header: Box) -> int:
    """Returns the degrees in the transformation matrix of a `tkhd`."""
    offset = 52 if header.unpack("B")[0] == 1 else 40
    a, b, _, c, d = header.unpack("5i", offset)
    if any(value % _FIXED for value in (a, b, c, d)):
        return -1
    return _ROTATIONS.get((a // _FIXED, b // _FIXED, c // _FIXED, d // _FIXED), -1)
