"""Captions in decoded frames: whether they are seen, and how well they can be read."""

import functools
from collections.abc import Sequence

from PIL import Image, ImageChops

from showreel.media.captions import draw_band, layout_of
from showreel.media.cues import CuePosition
from showreel.media.profile import Profile

LETTER, BOX = (255, 255, 255, 255), (0, 0, 0, 178)


def levels(
    frame: Image.Image,
    lines: Sequence[str],
    place: CuePosition,
    profile: Profile,
    part: tuple[int, ...],
) -> list[int]:
    """The grey levels where a caption has its letters or its box, from dark to light."""
    layout = layout_of(profile)
    corner = (layout.left, layout.tops[place])
    area = (*corner, corner[0] + layout.width, corner[1] + layout.height)
    shown = frame.convert("L").crop(area)
    drawn = draw_band(lines, layout, place)
    exact = [channel.point(_is(value)) for channel, value in zip(drawn.split(), part, strict=True)]
    counts = shown.histogram(mask=functools.reduce(ImageChops.multiply, exact))
    return [level for level, count in enumerate(counts) for _ in range(count)]


def _is(value: int) -> list[int]:
    """A table for `Image.point` that keeps one value."""
    return [255 * (one == value) for one in range(256)]


def is_seen(frame: Image.Image, lines: Sequence[str], place: CuePosition, profile: Profile) -> bool:
    """Whether a caption is in a frame, as solid as it was drawn."""
    letters = levels(frame, lines, place, profile, LETTER)
    box = levels(frame, lines, place, profile, BOX)
    return sum(letters) / len(letters) > 210 and sum(box) / len(box) < 110


def contrast(
    frame: Image.Image, lines: Sequence[str], place: CuePosition, profile: Profile
) -> float:
    """How letters stand out from the lightest twentieth of their box, as WCAG 2.2 defines it."""
    letters = levels(frame, lines, place, profile, LETTER)
    box = levels(frame, lines, place, profile, BOX)
    light, dark = sum(map(_luminance, letters)) / len(letters), _luminance(box[-len(box) // 20])
    return (light + 0.05) / (dark + 0.05)


def _luminance(level: int) -> float:
    share = level / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
