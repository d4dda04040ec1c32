"""Sizes of pictures, to the pixel. Pure arithmetic."""

from dataclasses import dataclass

from showreel.core.errors import MediaError
from showreel.core.framing import Size, even
from showreel.media.operations.models import MAX_SIDE, Crop, OverlayPosition, Resize

MIN_SIDE = 16


@dataclass(frozen=True)
class Rectangle:
    """A part of a picture, in pixels from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


def within(size: tuple[float, float], most: int = MAX_SIDE) -> Size:
    """Returns the size in even pixels, smaller if a side is too long. Raises MediaError
    `media_too_small` below 16 pixels.
    """
    factor = min(1.0, most / max(size))
    width, height = (even(side * factor) for side in size)
    if min(width, height) < MIN_SIDE:
        raise MediaError(f"At least {MIN_SIDE} pixels each way", code="media_too_small")
    return min(width, most), min(height, most)


def resized(have: Size, wanted: Resize) -> Size:
    """Returns the new size of a picture of size `have`. Raises as `within`."""
    if wanted.width is None or wanted.height is None:
        return within(_by_one_side(have, wanted))
    if wanted.fit != "inside":
        return within((wanted.width, wanted.height))
    factor = min(wanted.width / have[0], wanted.height / have[1])
    return within((have[0] * factor, have[1] * factor))


def crop_box(have: Size, wanted: Crop) -> Rectangle:
    """Returns the part of a picture that is wanted. Raises MediaError `crop_outside`."""
    width, height = _crop_size(have, wanted)
    x = (have[0] - width) // 2 if wanted.x is None else wanted.x
    y = (have[1] - height) // 2 if wanted.y is None else wanted.y
    if min(x, y) < 0 or x + width > have[0] or y + height > have[1]:
        message = f"The part is not within the picture of {have[0]} x {have[1]} pixels"
        raise MediaError(message, code="crop_outside")
    return Rectangle(x, y, width, height)


def overlay_box(
    below: Size, above: Size, position: OverlayPosition, share: float, margin: float
) -> Rectangle:
    """Returns the box of the upper picture: within the lower one, in its own ratio."""
    room = below[0] * share, below[1]
    factor = min(room[0] / above[0], room[1] / above[1])
    width, height = (max(1, round(side * factor)) for side in above)
    edge = round(min(below) * margin)
    x = _place(below[0], width, edge, before="left" in position, after="right" in position)
    y = _place(below[1], height, edge, before="top" in position, after="bottom" in position)
    return Rectangle(x, y, width, height)


def _place(whole: int, part: int, edge: int, *, before: bool, after: bool) -> int:
    edge = min(edge, whole - part)
    return edge if before else whole - part - edge if after else (whole - part) // 2


def _by_one_side(have: Size, wanted: Resize) -> tuple[float, float]:
    if wanted.width is not None:
        return wanted.width, have[1] * wanted.width / have[0]
    return have[0] * (wanted.height or 0) / have[1], wanted.height or 0


def _crop_size(have: Size, wanted: Crop) -> Size:
    if wanted.aspect_ratio is None:
        return wanted.width or have[0], wanted.height or have[1]
    across, down = map(int, wanted.aspect_ratio.split(":"))
    unit = min(have[0] / across, have[1] / down)
    return round(across * unit), round(down * unit)
