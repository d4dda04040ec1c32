"""Reads a file's markers: texts over the film, and shots' captions. Only those that an export wrote
count; an editor's own are notes, not texts for the audience.
"""

from collections.abc import Container, Iterator
from typing import Any

from showreel.cuts.models import TextRow, Timeline
from showreel_otio.models import FileCut, Mark
from showreel_otio.words import CAPTION, TEXT


def captions_of(cut: FileCut, rows: Container[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the captions of shots."""
    for track in cut.tracks:
        for clip in track.clips:
            for mark in clip.marks:
                row_id = mark.own.get("rowId")
                said = isinstance(row_id, str) and row_id in rows and mark.text.strip()
                if mark.own.get("kind") == CAPTION and said:
                    yield str(row_id), {"caption": mark.text}


def texts_of(cut: FileCut, timeline: Timeline, fps: int) -> list[dict[str, Any]] | None:
    """Returns all texts over the film; None if they are unchanged, or the file was not written by
    an export.
    """
    if not cut.own:
        return None
    known = {text.id: text for text in timeline.texts}
    marks = [mark for mark in cut.marks if mark.own.get("kind") == TEXT]
    if len(marks) == len(known) and all(_is_same(mark, known, fps) for mark in marks):
        return None
    return [_text(mark, known, fps) for mark in marks]


def _is_same(mark: Mark, known: dict[str, TextRow], fps: int) -> bool:
    text = known.get(str(mark.own.get("textId")))
    return text is not None and text.text == mark.text and _is_when(mark, text, fps)


def _is_when(mark: Mark, text: TextRow, fps: int) -> bool:
    """Returns whether a text begins and ends at the same frames."""
    ends = (text.start_ms, text.start_ms + text.duration_ms)
    imported = (mark.start * 1000, (mark.start + mark.seconds) * 1000)
    return all(abs(one - other) <= 500 / fps + 1 for one, other in zip(ends, imported, strict=True))


def _text(mark: Mark, known: dict[str, TextRow], fps: int) -> dict[str, Any]:
    text = known.get(str(mark.own.get("textId")))
    start, end = round(mark.start * 1000), round((mark.start + mark.seconds) * 1000)
    if text is not None and _is_when(mark, text, fps):
        start, end = text.start_ms, text.start_ms + text.duration_ms
    return {"id": text.id if text else None, "text": mark.text, "startMs": start, "endMs": end}
