"""What a film needs of its clips: captions in frames, and where it cuts them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

CuePosition = Literal["bottom", "top"]


@dataclass(frozen=True)
class Cue:
    """A part of a text, at most two lines, from frame `start` to `end`. Dialogue is at the bottom
    of the picture, other texts at its top.
    """

    lines: tuple[str, ...]
    start: int
    end: int
    place: CuePosition = "bottom"


@dataclass(frozen=True)
class InFilm:
    """A clip's role in a film: it must be cuttable by copying at the frames `cuts`, None for where
    films crossfade, and have `captions`.
    """

    cuts: tuple[int, ...] | None = None
    captions: tuple[Cue, ...] = ()


FILM_CLIP = InFilm()


def within(cues: Iterable[Cue], start: int, end: int, shift: int = 0) -> tuple[Cue, ...]:
    """Returns the cues seen from frame `start` to `end`; `start` becomes frame `shift`."""
    return tuple(
        replace(
            cue,
            start=max(cue.start, start) - start + shift,
            end=min(cue.end, end) - start + shift,
        )
        for cue in cues
        if cue.start < end and cue.end > start
    )
