"""Lays sounds onto one file at exact samples, so that they never drift against the picture.

Pillow does the arithmetic, on samples as a row of float pixels: it is in the layer anyway, and a
crossfade costs several times less than in a Python loop.
"""

import functools
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate
from operator import itemgetter
from pathlib import Path

from PIL import Image, ImageMath

from showreel.media.wav import (
    BYTES_PER_SAMPLE,
    HEADER_BYTES,
    SAMPLE_RATE_HERTZ,
    read,
    write_silence,
)

MICRO_FADE = SAMPLE_RATE_HERTZ * 8 // 1000
"""The shortest fade in samples: 8 ms, enough that no transition clicks."""
LOOP_FADE = SAMPLE_RATE_HERTZ // 2
_SIGNED = bytes(high ^ 0x80 for high in range(256))
"""Maps the high bytes of unsigned samples to those of signed ones."""


@dataclass(frozen=True)
class Span:
    """A part of the film's sound, in samples: where it starts, how long it is, how it fades. `gain`
    is a factor for its volume; `peak` is its highest sample, 1 for full scale.
    """

    source: Path
    start: int
    length: int
    fade_in: int
    fade_out: int
    gain: float = 1.0
    peak: float = 1.0


def highest_sum(spans: Sequence[Span]) -> float:
    """Returns the highest possible sum of peaks where several spans overlap."""
    starts = sorted((span.start, span.gain * span.peak) for span in spans)
    ends = sorted((span.start + span.length, -span.gain * span.peak) for span in spans)
    return max(accumulate(height for _, height in merge(ends, starts, key=itemgetter(0))))


def write_bed(spans: Iterable[Span], total: int, destination: Path) -> None:
    """Lays spans onto silence, in the order of their starts; overlapping ones are added."""
    write_silence(destination, total)
    covered = 0
    with destination.open("r+b") as file:
        for span in spans:
            length = min(span.length, total - span.start)
            laid = _faded(read(span.source, length), span)
            file.seek(HEADER_BYTES + span.start * BYTES_PER_SAMPLE)
            both = max(0, min(covered - span.start, length))
            shared = array("h", file.read(both * BYTES_PER_SAMPLE))
            laid[: len(shared)] = _sum(laid, shared)
            file.seek(HEADER_BYTES + span.start * BYTES_PER_SAMPLE)
            file.write(laid.tobytes())
            covered = max(covered, span.start + length)


def loop_spans(source: Path, length: int, total: int) -> Iterator[Span]:
    """Yields spans that repeat a sound of `length` samples until `total`, with crossfades."""
    fade = min(LOOP_FADE, length // 4)
    for start in range(0, total, length - fade):
        yield Span(source, start, length, fade if start else MICRO_FADE, fade)


def _faded(sound: "array[int]", span: Span) -> "array[int]":
    """Applies the gain and both fades, of equal power, so that a crossfade keeps its loudness."""
    if span.gain != 1:
        sound = _louder(sound, span.gain)
    longest = len(sound) // 4
    rise = ramp(min(span.fade_in, longest))
    fall = ramp(min(span.fade_out, longest)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for start, gain in ((0, rise), (len(sound) - fall.width, fall)):
        faded = {"sound": _row(sound[start : start + gain.width]), "gain": gain}
        sound[start : start + gain.width] = _samples(
            ImageMath.lambda_eval(lambda row: row["sound"] * row["gain"], **faded)
        )
    return sound


def _louder(sound: "array[int]", gain: float) -> "array[int]":
    return _samples(ImageMath.lambda_eval(lambda of: of["sound"] * gain, sound=_row(sound)))


@functools.cache
def ramp(length: int) -> Image.Image:
    """Returns a rise from 0 to 1 over `length` stereo samples."""
    rise = array("f", (math.sin(math.pi / 2 * (i + 0.5) / length) for i in range(length)))
    mono = Image.frombytes("F", (length, 1), rise.tobytes())
    return mono.resize((2 * length, 1), Image.Resampling.NEAREST)


def _sum(one: "array[int]", other: "array[int]") -> "array[int]":
    """Returns the sum of two sounds, limited to 16 bits."""
    rows = {"one": _row(one[: len(other)]), "other": _row(other)}
    return _samples(ImageMath.lambda_eval(lambda row: row["one"] + row["other"], **rows))


def _row(sound: "array[int]") -> Image.Image:
    """Returns samples as float pixels."""
    return Image.frombytes("F", (len(sound), 1), sound.tobytes(), "raw", "F;16S")


def _samples(row: Image.Image) -> "array[int]":
    """Returns pixels as samples, rounded. Pillow limits them to 16 bits, taken as unsigned."""
    raised = ImageMath.lambda_eval(lambda of: of["convert"](of["row"] + 32768.5, "I"), row=row)
    data = bytearray(raised.convert("I;16").tobytes())
    data[1::2] = data[1::2].translate(_SIGNED)
    return array("h", data)
