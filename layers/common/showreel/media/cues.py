"""What a film asks of its clips: parts of texts in their frames, and where it cuts them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

CuePosition = Literal["bottom", "top"]


@dataclass(frozen=True)
class Cue:
    """A part of a text, at most two lines, from frame `start` to `end`. What is said is low in the
    picture, other texts are at its top.
    """

    lines: tuple[str, ...]
    start: int
    end: int
    place: CuePosition = "bottom"


@dataclass(frozen=True)
class InFilm:
    """A clip must be cuttable by copying at the frames `cuts`, None for where films crossfade, and
    bear `captions`.
    """

    cuts: tuple[int, ...] | None = None
    captions: tuple[Cue, ...] = ()


FILM_CLIP = InFilm()


def within(cues: Iterable[Cue], start: int, end: int, shift: int = 0) -> tuple[Cue, ...]:
    """Returns what is seen of cues from frame `start`, which then is frame `shift`, to `end`."""
    return tuple(
        replace(
            cue,
            start=max(cue.start, start) - start + shift,
            end=min(cue.end, end) - start + shift,
        )
        for cue in cues
        if cue.start < end and cue.end > start
    )
