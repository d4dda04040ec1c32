"""Captions beside a film, as WebVTT and SubRip: what is said and what users wrote, to the frame.

A long text is told in parts of two lines, each as long as its share of the letters.
"""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from showreel.cuts.plan import CutPlan, CutText

LINE_LENGTH = 42
LINES = 2


@dataclass(frozen=True)
class Cue:
    """A part of a text, at most two lines, from frame `start` to `end`."""

    lines: tuple[str, ...]
    start: int
    end: int


def cues(plan: CutPlan) -> list[Cue]:
    """Returns the film's captions by their times."""
    found = (cue for text in plan.texts for cue in _parts(text))
    return sorted(found, key=lambda cue: (cue.start, cue.end))


def _parts(text: CutText) -> Iterator[Cue]:
    """Yields a text's parts, one after the other, none shorter than a frame."""
    lines = textwrap.wrap(" ".join(text.text.split()), LINE_LENGTH)
    parts = [tuple(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]
    parts = parts[: text.end - text.start]
    letters = sum(len(line) for part in parts for line in part)
    told, start = 0, text.start
    for left, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
        told += sum(map(len, part))
        wanted = text.start + round((text.end - text.start) * told / letters)
        end = min(max(wanted, start + 1), text.end - left)
        yield Cue(part, start, end)
        start = end


def web_vtt(plan: CutPlan) -> str:
    """Returns the captions as WebVTT. A text is never markup."""
    blocks = (
        f"{_times(cue, plan.settings.fps, '.')}\n{_lines(map(_escaped, cue.lines))}"
        for cue in cues(plan)
    )
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def sub_rip(plan: CutPlan) -> str:
    """Returns the captions as SubRip."""
    blocks = (
        f"{number}\n{_times(cue, plan.settings.fps, ',')}\n{_lines(cue.lines)}"
        for number, cue in enumerate(cues(plan), 1)
    )
    return "\n\n".join(blocks) + "\n"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _times(cue: Cue, fps: int, point: str) -> str:
    return f"{_time(cue.start, fps, point)} --> {_time(cue.end, fps, point)}"


def _time(frame: int, fps: int, point: str) -> str:
    milliseconds = round(1000 * frame / fps)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{milliseconds:03d}"
