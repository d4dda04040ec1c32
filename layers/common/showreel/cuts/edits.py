"""Applies users' edits to a timeline. Edited fields are marked, so that a sync keeps them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from showreel.core.errors import InvalidInput
from showreel.core.ids import new_id
from showreel.cuts.models import MAX_ROW_MS, CutRow, MusicRow, TextRow, Timeline
from showreel.cuts.schemas import RowChange, TextFields, TimelineChange, row_changes


def edited(timeline: Timeline, change: TimelineChange) -> Timeline:
    """Returns the timeline with the changes; its revision stays the same. Raises InvalidInput."""
    rows, marks = {row.id: row for row in timeline.rows}, set(timeline.edited)
    for one in change.rows or ():
        rows[one.id] = _changed(_known(rows, one.id), one)
    ordered = tuple(rows.values())
    if change.order is not None:
        ordered = _in_order(rows, change.order)
        marks.add("order")
    changes: dict[str, object] = {"rows": ordered}
    if change.texts is not None:
        changes["texts"] = _texts(change.texts)
    if "music" in change.given():
        music = change.music
        changes["music"] = MusicRow(track_id=music.track_id, volume=music.volume) if music else None
        marks.add("music")
    return timeline.model_copy(update={**changes, "edited": frozenset(marks)})


def _known(rows: Mapping[str, CutRow], row_id: str) -> CutRow:
    if row_id not in rows:
        raise InvalidInput(
            "The timeline has no such row", code="unknown_row", field=f"rows.{row_id}"
        )
    return rows[row_id]


def _changed(row: CutRow, change: RowChange) -> CutRow:
    changes = row_changes(change)
    marks = row.edited | changes.keys()
    after = CutRow.model_validate({**row.model_dump(), **changes, "edited": marks})
    if "in_ms" not in changes:
        return after
    if row.kind == "image" and after.in_ms:
        message = "A picture has no beginning to leave out"
        raise InvalidInput(message, code="bad_trim", field=f"rows.{row.id}.inMs")
    if row.source_ms is not None and after.in_ms >= row.source_ms:
        message = f"The video is over after {row.source_ms} ms"
        raise InvalidInput(message, code="bad_trim", field=f"rows.{row.id}.inMs")
    if row.source_ms is None or "duration_ms" in marks:
        return after
    return after.model_copy(update={"duration_ms": min(row.source_ms - after.in_ms, MAX_ROW_MS)})


def _in_order(rows: Mapping[str, CutRow], order: Sequence[str]) -> tuple[CutRow, ...]:
    if len(order) != len(rows) or set(order) != set(rows):
        message = "order must name every row exactly once"
        raise InvalidInput(message, code="row_order", field="order")
    return tuple(rows[row_id] for row_id in order)


def _texts(texts: Sequence[TextFields]) -> tuple[TextRow, ...]:
    named = [text.id for text in texts if text.id is not None]
    if len(named) != len(set(named)):
        raise InvalidInput("Two texts have the same id", code="text_ids", field="texts")
    ordered = sorted(texts, key=lambda text: text.start_ms)
    if any(one.end_ms > other.start_ms for one, other in pairwise(ordered)):
        message = "One text begins before another one ends"
        raise InvalidInput(message, code="texts_overlap", field="texts")
    return tuple(map(_text, texts))


def _text(text: TextFields) -> TextRow:
    return TextRow(
        id=text.id or new_id(),
        text=text.text,
        start_ms=text.start_ms,
        duration_ms=text.end_ms - text.start_ms,
    )
