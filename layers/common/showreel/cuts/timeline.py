"""Synchronises a timeline: the storyboard's present state with the fields that users have set.

For the same storyboard it gives the same timeline.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from showreel.core.ids import digest_of
from showreel.cuts.models import (
    MAX_ROW_MS,
    STILL_MS,
    CutRow,
    MusicRow,
    RowKind,
    Timeline,
    VoiceOver,
)
from showreel.cuts.ports import Board, BoardShot

SourceLengths = Mapping[str, int]
"""The milliseconds of videos and voice-overs by object key; unusable ones are missing."""
TRIM = frozenset({"in_ms", "duration_ms"})


def synced(
    timeline: Timeline, board: Board, shots: Sequence[BoardShot], lengths: SourceLengths
) -> Timeline:
    """Returns the timeline after a sync; its revision stays the same."""
    before = {row.id: row for row in timeline.rows}
    rows = [row for shot in shots if (row := _row(shot, before.get(shot.id), lengths))]
    if "order" in timeline.edited:
        rows = list(_in_users_order(rows, [row.id for row in timeline.rows]))
    return timeline.model_copy(
        update={
            "rows": tuple(rows),
            "music": timeline.music if "music" in timeline.edited else _music(timeline, board),
            "board_digest": board_digest(shots),
        }
    )


def board_digest(shots: Sequence[BoardShot]) -> str:
    """Returns a digest that is equal while shots, their order and their media are the same."""
    media = ([shot.id, shot.image.key, shot.video.key, shot.audio.key] for shot in shots)
    return digest_of(list(media))


def visual(shot: BoardShot, lengths: SourceLengths) -> tuple[RowKind, str] | None:
    """Returns the kind and key of what is shown of a shot: a usable video, else its picture."""
    if shot.video.key is not None and shot.video.key in lengths:
        return "video", shot.video.key
    return ("image", shot.image.key) if shot.image.key is not None else None


def _row(shot: BoardShot, before: CutRow | None, lengths: SourceLengths) -> CutRow | None:
    shown = visual(shot, lengths)
    if shown is None:
        return None
    kind, key = shown
    source_ms = lengths[key] if kind == "video" else None
    kept = _kept(before, source_ms)
    length = source_ms - kept.get("in_ms", 0) if source_ms else shot.duration_ms or STILL_MS
    automatic = {
        "scene_id": shot.scene_id,
        "scene_number": shot.scene_number,
        "shot_number": shot.shot_number,
        "title": shot.title,
        "kind": kind,
        "key": key,
        "source_ms": source_ms,
        "duration_ms": min(length, MAX_ROW_MS),
        "camera": shot.camera,
        "voice_over": _voice_over(shot, lengths),
        "caption": shot.dialogue,
    }
    return CutRow.model_validate({"id": shot.id, **automatic, **kept, "edited": frozenset(kept)})


def _kept(before: CutRow | None, source_ms: int | None) -> dict[str, Any]:
    """Returns the fields that a user has set, without a trim that begins after the video's end."""
    if before is None:
        return {}
    kept = {name: getattr(before, name) for name in sorted(before.edited)}
    if kept.get("in_ms", 0) >= (source_ms or 1):
        return {name: value for name, value in kept.items() if name not in TRIM}
    return kept


def _voice_over(shot: BoardShot, lengths: SourceLengths) -> VoiceOver | None:
    key = shot.audio.key
    return VoiceOver(key=key, source_ms=lengths[key]) if key and key in lengths else None


def _music(timeline: Timeline, board: Board) -> MusicRow | None:
    if board.music_track_id is None:
        return None
    if timeline.music is not None and timeline.music.track_id == board.music_track_id:
        return timeline.music
    return MusicRow(track_id=board.music_track_id)


def _in_users_order(rows: Sequence[CutRow], order: Sequence[str]) -> Iterator[CutRow]:
    """Yields the rows in the user's order; a new row comes after the one before it in the
    storyboard.
    """
    known = {row_id: place for place, row_id in enumerate(order)}
    place, placed = -1, list[tuple[int, int, CutRow]]()
    for number, row in enumerate(rows):
        place = known.get(row.id, place)
        placed.append((place, 0 if row.id in known else 1 + number, row))
    yield from (row for _, _, row in sorted(placed, key=lambda one: one[:2]))
