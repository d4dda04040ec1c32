"""Sounds laid onto one file at their exact samples: what is cut exactly never drifts."""

import functools
import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import mul
from pathlib import Path

from showreel.media.wav import (
    BYTES_PER_SAMPLE,
    HEADER_BYTES,
    SAMPLE_RATE_HERTZ,
    read,
    write_silence,
)

MICRO_FADE = SAMPLE_RATE_HERTZ * 8 // 1000
"""Samples of the shortest fade: 8 ms, enough that no joint clicks."""
LOOP_FADE = SAMPLE_RATE_HERTZ // 2


@dataclass(frozen=True)
class Span:
    """A part of the film's sound, in samples: where it starts, how long it is, how it fades."""

    source: Path
    start: int
    length: int
    fade_in: int
    fade_out: int


def write_bed(spans: Iterable[Span], total: int, destination: Path) -> None:
    """Lays spans onto silence, in order; where one overlaps the one before, they are added."""
    write_silence(destination, total)
    covered = 0
    with destination.open("r+b") as file:
        for span in spans:
            length = min(span.length, total - span.start)
            laid = _faded(read(span.source, length), span)
            file.seek(HEADER_BYTES + span.start * BYTES_PER_SAMPLE)
            shared = array("h", file.read(max(0, covered - span.start) * BYTES_PER_SAMPLE))
            laid[: len(shared)] = _sum(laid, shared)
            file.seek(HEADER_BYTES + span.start * BYTES_PER_SAMPLE)
            file.write(laid.tobytes())
            covered = max(covered, span.start + length)


def loop_spans(source: Path, length: int, total: int) -> Iterator[Span]:
    """Repeats a sound of `length` samples until `total`, each round fading into the next."""
    fade = min(LOOP_FADE, length // 4)
    for start in range(0, total, length - fade):
        yield Span(source, start, length, fade if start else MICRO_FADE, fade)


def _faded(sound: "array[int]", span: Span) -> "array[int]":
    """Applies both fades. Equal power: two unlike sounds fade into each other at one loudness."""
    longest = len(sound) // 4
    rise = ramp(min(span.fade_in, longest))
    fall = ramp(min(span.fade_out, longest))[::-1]
    sound[: len(rise)] = array("h", map(int, map(mul, sound[: len(rise)], rise)))
    start = len(sound) - len(fall)
    sound[start:] = array("h", map(int, map(mul, sound[start:], fall)))
    return sound


@functools.cache
def ramp(length: int) -> tuple[float, ...]:
    """A rise from 0 to 1 over `length` stereo samples."""
    rise = (math.sin(math.pi / 2 * (index + 0.5) / length) for index in range(length))
    return tuple(value for value in rise for _ in range(2))


def _sum(one: "array[int]", other: "array[int]") -> "array[int]":
    """Adds two sounds, limited to 16 bits."""
    return array("h", (max(-32768, min(32767, a + b)) for a, b in zip(one, other, strict=False)))
