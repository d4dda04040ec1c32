"""Burns captions: Pillow draws them onto transparent bands, and FFmpeg lays these over a piece
while it is encoded anyway.

    place     a band across the picture, low down or at the top
    states    cue, nothing, cue … each one PNG, shown from its first frame to the next one's

Users' texts never get into a filter graph or subtitle script, only into pixels. White letters with
a black rim are on a box that lets three tenths of the picture through: at least 7:1 even on white
(WCAG 2.2, success criterion 1.4.6).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from showreel.media.cues import Cue, CuePosition
from showreel.media.lettering import drawable, font_of, width_of
from showreel.media.profile import BT709, Profile

LINES = 2
LINE_LENGTH = 42
RECIPE = 1
"""Raise it when captions are drawn in another way, so that pieces with captions are made anew."""

_FONT_SHARE = 0.05
"""The font's size as a share of the picture's shorter side."""
_LINE_HEIGHT = 1.2
_PADDING = 0.4
_RIM_SHARE = 0.05
_BOX = (0, 0, 0, 178)
_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)
_PLACES: tuple[CuePosition, ...] = ("bottom", "top")


@dataclass(frozen=True)
class Margins:
    """The parts of the picture that captions leave free, as shares of its width and height."""

    side: float
    top: float
    bottom: float


_WIDE = Margins(side=0.1, top=0.06, bottom=0.06)
_SQUARE = Margins(side=0.07, top=0.07, bottom=0.07)
_TALL = Margins(side=0.08, top=0.12, bottom=0.18)
"""Players of upright videos show their own texts there."""


@dataclass(frozen=True)
class Layout:
    """The position of captions in pixels, which are even because of chroma subsampling."""

    font_size: int
    left: int
    width: int
    height: int
    tops: dict[CuePosition, int]


def layout_of(profile: Profile) -> Layout:
    """Returns the position of captions in a profile's picture."""
    margins = _margins(profile)
    size = max(1, round(min(profile.width, profile.height) * _FONT_SHARE))
    left = _even(profile.width * margins.side)
    height = _even((LINES * _LINE_HEIGHT + 2 * _PADDING) * size) + 2
    bottom = _even(profile.height * (1 - margins.bottom)) - height
    tops: dict[CuePosition, int] = {"bottom": bottom, "top": _even(profile.height * margins.top)}
    return Layout(size, left, profile.width - 2 * left, height, tops)


def line_width(profile: Profile) -> float:
    """Returns the greatest width of a line in font sizes; equal for all resolutions of a shape."""
    short = min(profile.width, profile.height)
    free = profile.width * (1 - 2 * _margins(profile).side) / (short * _FONT_SHARE)
    return 0.97 * (free - 2 * _PADDING)


def recipe_of(cues: Sequence[Cue]) -> tuple[str, ...]:
    """Returns what captions add to a piece's digest; nothing without captions."""
    return ("captions", json.dumps([RECIPE, *map(astuple, cues)])) if cues else ()


def burn(
    cues: Sequence[Cue], profile: Profile, directory: Path, frames: int, first_input: int
) -> tuple[list[str], str]:
    """Draws captions into `directory`. Returns FFmpeg's inputs, the first of which has number
    `first_input`, and the filters to append to a chain that makes `frames` frames.
    """
    inputs, filters = list[str](), ""
    places = [place for place in _PLACES if any(cue.place == place for cue in cues)]
    for number, place in enumerate(places, first_input):
        seen = [cue for cue in cues if cue.place == place]
        inputs += _opened(seen, profile, directory.resolve(), frames)
        filters += _overlay(number, profile, place)
    return inputs, filters


def _opened(cues: Sequence[Cue], profile: Profile, directory: Path, frames: int) -> list[str]:
    """Draws the captions of one place. Returns the input that shows each as long as it lasts."""
    layout, place = layout_of(profile), cues[0].place
    script = ["ffconcat version 1.0"]
    for number, (lines, length) in enumerate(_states(cues, frames)):
        name = f"caption-{place}-{number}.png"
        draw_band(lines, layout, place).save(directory / name, compress_level=1)
        script += [f"file {name}", f"option framerate {profile.fps}"]
        script.append(f"duration {length / profile.fps:.6f}")
    listed = directory / f"captions-{place}.ffconcat"
    listed.write_text("\n".join(script), encoding="utf-8")
    return ["-f", "concat", "-safe", "0", "-protocol_whitelist", "file", "-i", str(listed)]


def _overlay(number: int, profile: Profile, place: CuePosition) -> str:
    layout, plain, band = layout_of(profile), f"[plain{number}]", f"[band{number}]"
    return (
        f"{plain};[{number}:v:0]scale=out_range=tv:out_color_matrix=bt709,format=yuva444p{band};"
        f"{plain}{band}overlay={layout.left}:{layout.tops[place]}:format=yuv420,"
        f"format=yuv420p,setsar=1,{BT709}"
    )


def _states(cues: Sequence[Cue], frames: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yields the lines shown and for how many frames, none for gaps; of two cues at once it shows
    the one that began last.
    """
    ordered = sorted(cues, key=lambda cue: cue.start)
    nexts = [cue.start for cue in ordered[1:]]
    shown_until = 0
    for cue, limit in zip(ordered, [*nexts, frames], strict=True):
        end = min(cue.end, limit, frames)
        if cue.start > shown_until:
            yield (), cue.start - shown_until
        if end > cue.start:
            yield cue.lines, end - cue.start
        shown_until = max(shown_until, end)
    if shown_until < frames:
        yield (), frames - shown_until


def draw_band(lines: Sequence[str], layout: Layout, place: CuePosition) -> Image.Image:
    """Draws a cue's lines in their box, at the lower end of the band for `bottom`, else at the
    upper end.
    """
    band = Image.new("RGBA", (layout.width, layout.height))
    shown = [line for line in map(drawable, lines) if line]
    if not shown:
        return band
    size, font, draw = layout.font_size, font_of(layout.font_size), ImageDraw.Draw(band)
    height = round((len(shown) * _LINE_HEIGHT + 2 * _PADDING) * size)
    top = layout.height - 1 - height if place == "bottom" else 0
    half = round((max(map(width_of, shown)) / 2 + _PADDING) * size)
    middle = layout.width // 2
    box = (max(0, middle - half), top, min(layout.width - 1, middle + half), top + height)
    draw.rounded_rectangle(box, size // 4, _BOX)
    for number, line in enumerate(shown):
        baseline = top + round((_PADDING + _LINE_HEIGHT * (number + 0.5) + 0.33) * size)
        draw.text(
            (middle, baseline),
            line,
            _WHITE,
            font,
            anchor="ms",
            stroke_width=round(size * _RIM_SHARE),
            stroke_fill=_BLACK,
        )
    return band


def _margins(profile: Profile) -> Margins:
    if profile.width == profile.height:
        return _SQUARE
    return _WIDE if profile.width > profile.height else _TALL


def _even(pixels: float) -> int:
    return round(pixels / 2) * 2
