"""Reads a file's video track as shots, each of one row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from showreel.cuts.models import MAX_ROW_MS, CutRow
from showreel_otio.faults import Faults
from showreel_otio.models import Blend, FileClip, FileCut, FileTrack, Hole
from showreel_otio.rows import Rows
from showreel_otio.words import VIDEO

LEAST_MS = 100
UNKNOWN = "The file of this clip isn't one that the project's timeline shows"


@dataclass(frozen=True)
class Shot:
    """A row as a file shows it: from `start` of its media, for `seconds` with its transitions.

    `start` is None for pictures and held frames, of which files have none.
    """

    row: CutRow
    clip: FileClip
    start: float | None
    seconds: float
    transition: Blend | None = None
    """The transition to the next shot."""

    @property
    def duration_ms(self) -> int:
        """How long it is shown, in milliseconds."""
        return round(self.seconds * 1000)


def shots_of(cut: FileCut, rows: Rows, frame: float, faults: Faults) -> list[Shot]:
    """Returns the shots of the only video track with clips. `frame` is the length of a frame in
    seconds, the tolerance of comparisons.
    """
    tracks = [track for track in cut.tracks if track.kind == VIDEO and track.clips]
    for track in tracks[1:]:
        faults.add("otio_tracks", track.place, "Only one video track can have clips")
    found = list(_shots(tracks[0], rows, frame, faults)) if tracks else []
    _require_possible(found, faults)
    return found


def _shots(track: FileTrack, rows: Rows, frame: float, faults: Faults) -> Iterator[Shot]:
    """Yields the shots; a clip that only continues the one before is part of its shot."""
    last, blend, hole = None, None, None
    for item in track.items:
        if isinstance(item, Blend):
            blend = item
            continue
        if isinstance(item, Hole):
            hole = item if item.seconds > frame / 2 else hole
            continue
        if hole is not None:
            faults.add("otio_gap", hole.place, "Shots follow each other without a gap")
            hole = None
        if last is not None and blend is None and _goes_on(item, last, rows, frame):
            last = replace(last, seconds=last.seconds + item.seconds)
            continue
        row = rows.shown(item)
        if row is None:
            faults.add("unknown_media", item.place, f"{UNKNOWN}: {item.name or item.files[0]}")
            blend = None
            continue
        before = blend.before if blend is not None and last is not None else 0.0
        if last is not None:
            after = blend.after if blend else 0.0
            yield replace(last, seconds=last.seconds + after, transition=blend)
        start = None if row.kind == "image" or not item.speed else item.start - before
        last, blend = Shot(row, item, start, item.seconds + before), None
    if last is not None:
        yield last


def _goes_on(clip: FileClip, last: Shot, rows: Rows, frame: float) -> bool:
    """Returns whether a clip continues a shot that was only cut: the same file, from the end of the
    shot's part on, or its last frame held.
    """
    if not set(filter(None, clip.files[:1])) & set(last.clip.files[:1]):
        return False
    if clip.own.get("rowId", last.row.id) != last.row.id:
        return False
    if last.row.kind == "image":
        return "rowId" in clip.own or not rows.is_another(clip)
    if not clip.speed:
        return True
    return last.start is not None and abs(last.start + last.seconds - clip.start) <= frame / 2


def _require_possible(shots: Sequence[Shot], faults: Faults) -> None:
    seen: set[str] = set()
    for shot in shots:
        place = shot.clip.place
        if shot.row.id in seen:
            message = f"A timeline shows each shot once; {shot.clip.name} comes twice"
            faults.add("otio_twice", place, message)
        seen.add(shot.row.id)
        if not LEAST_MS <= shot.duration_ms <= MAX_ROW_MS:
            message = f"A shot lasts between {LEAST_MS} ms and {MAX_ROW_MS // 1000} s"
            faults.add("otio_time", f"{place}.source_range.duration", message)
