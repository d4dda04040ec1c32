"""The one rule for how a picture of one shape fills a frame of another; it is never stretched.

    as_is   it has the frame's shape already
    crop    it fills the frame, and what is too much is cut away on both sides
    pad     all of it is shown, on a blurred enlargement of itself

Sizes are width and height in pixels.
"""

from typing import Literal

Fit = Literal["auto", "crop", "pad"]
"""The owner's choice for a picture: `auto` crops if that loses little, and pads otherwise."""
Framing = Literal["as_is", "crop", "pad"]
Size = tuple[int, int]

MOST_CROPPED = 0.3
"""Share of one side that `auto` may cut away: 4:3 in 16:9 loses 0.25, 3:2 in 1:1 0.33."""
SAME_SHAPE = 0.005
"""Shapes that differ by no more than this differ by rounding."""

BACKDROP_WIDTH_PX = 64
"""The enlargement is made of a picture as small as this: nothing sharper would be seen."""
BACKDROP_BLUR_PX = 3.0
"""Standard deviation of its blur, at that width."""
BACKDROP_LEVEL = 0.6
"""How bright it is, so that the picture stands out."""


def framing_of(have: Size, want: Size, fit: Fit, *, tolerance: float = SAME_SHAPE) -> Framing:
    """Returns how `have` fills `want`. Even `pad` crops up to the share `tolerance`."""
    share = cropped_share(have, want)
    if share <= SAME_SHAPE:
        return "as_is"
    most = {"auto": MOST_CROPPED, "crop": 1.0, "pad": tolerance}[fit]
    return "crop" if share <= most else "pad"


def cropped_share(have: Size, want: Size) -> float:
    """Returns how much of one side a crop to the other shape cuts away, 0 to 1."""
    one, other = have[0] * want[1], have[1] * want[0]
    return abs(one - other) / max(one, other)


def inside(have: Size, frame: Size) -> Size:
    """Returns the largest size of that shape within the frame whose centred margins are even
    numbers of pixels, as half-size colour planes need.
    """
    factor = min(frame[0] / have[0], frame[1] / have[1])
    return _centred(have[0] * factor, frame[0]), _centred(have[1] * factor, frame[1])


def around(have: Size, frame: Size) -> Size:
    """Returns the smallest even size of that shape which covers the frame."""
    factor = max(frame[0] / have[0], frame[1] / have[1])
    return max(frame[0], even(have[0] * factor)), max(frame[1], even(have[1] * factor))


def backdrop_size(frame: Size) -> Size:
    """Returns the size at which a frame's backdrop is blurred."""
    return BACKDROP_WIDTH_PX, even(BACKDROP_WIDTH_PX * frame[1] / frame[0])


def even(length: float) -> int:
    """Returns the nearest even number of pixels, at least 2."""
    return max(2, 2 * round(length / 2))


def _centred(length: float, frame: int) -> int:
    return max(frame % 4 or 4, frame - 4 * round((frame - length) / 4))
