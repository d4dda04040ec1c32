"""What the camera sees at each moment of a move, as boxes and perspective quads. Pure geometry."""

from dataclasses import dataclass

from showreel.media.moves import Kind, Move
from showreel.media.stills import CANVAS_SCALE

KEYSTONE = 0.09
"""How much one side of the picture shrinks, at most, when the camera turns."""


@dataclass(frozen=True)
class View:
    """What the camera sees of the canvas.

    `scale` is the view's size in frame sizes (1 to CANVAS_SCALE), `x` and `y` its place in the
    free room (-1 to 1). `swing` and `nod` are the perspective: how much more of the canvas the
    right side takes in than the left one, and the lower side than the upper one. What takes in
    more looks farther away.
    """

    scale: float = CANVAS_SCALE
    x: float = 0.0
    y: float = 0.0
    swing: float = 0.0
    nod: float = 0.0


def view_at(move: Move, share: float) -> View:
    """Returns the view after `share` (0-1) of the move. Every view lies inside the canvas."""
    along = (2 * share - 1) * move.amount
    reserve = (CANVAS_SCALE - 1) * move.amount
    match move.kind:
        case Kind.DOLLY_IN:
            return View(CANVAS_SCALE - reserve * share)
        case Kind.DOLLY_OUT:
            return View(CANVAS_SCALE - reserve * (1 - share))
        case Kind.PAN_LEFT | Kind.PAN_RIGHT:
            return View(1.02, x=_signed(move.kind, along))
        case Kind.TRACK_LEFT | Kind.TRACK_RIGHT:
            return View(1.12 - 0.1 * share, x=_signed(move.kind, along))
        case Kind.TILT_UP | Kind.TILT_DOWN:
            down = _signed(move.kind, along)
            return View(1.08, y=down * 0.9, nod=down * KEYSTONE)
        case Kind.ORBIT_LEFT | Kind.ORBIT_RIGHT:
            right = _signed(move.kind, along)
            return View(1.1, x=right * 0.8, swing=-right * KEYSTONE)


def view_box(size: tuple[int, int], view: View) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the view on a plane of `size`, in its pixels."""
    share = view.scale / CANVAS_SCALE
    width, height = size[0] * share, size[1] * share
    left = (size[0] - width) / 2 * (1 + view.x)
    top = (size[1] - height) / 2 * (1 + view.y)
    return (left, top, left + width, top + height)


Corner = tuple[float, float]


def quad(box: tuple[float, float, float, float], view: View) -> list[Corner]:
    """Returns the view's corners (upper left, upper right, lower right, lower left), leaned
    inwards.

    One side shrinks by twice the perspective and the other keeps its length, so that the corners
    never leave the box.
    """
    left, top, right, bottom = box
    shrink_left, shrink_right = (max(0.0, side * view.swing) for side in (1, -1))
    shrink_top, shrink_bottom = (max(0.0, side * view.nod) for side in (1, -1))
    height, width = bottom - top, right - left
    return [
        (left + width * shrink_top, top + height * shrink_left),
        (right - width * shrink_top, top + height * shrink_right),
        (right - width * shrink_bottom, bottom - height * shrink_right),
        (left + width * shrink_bottom, bottom - height * shrink_left),
    ]


def perspective(corners: list[Corner], size: tuple[int, int]) -> tuple[float, ...]:
    """Pillow's eight coefficients that map a frame of `size` onto `corners`.

    Heckbert, Fundamentals of Texture Mapping (1989), section 2.2.2: square to quadrilateral.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    determinant = dx1 * dy2 - dx2 * dy1
    g = (sx * dy2 - dx2 * sy) / determinant
    h = (dx1 * sy - sx * dy1) / determinant
    across = (x1 - x0 + g * x1, x3 - x0 + h * x3, x0)
    down = (y1 - y0 + g * y1, y3 - y0 + h * y3, y0)
    width, height = size
    scaled = ((a / width, b / height, c) for a, b, c in (across, down))
    return (*(value for row in scaled for value in row), g / width, h / height)


def _signed(kind: Kind, along: float) -> float:
    """Right and down are positive."""
    return along if kind.endswith(("right", "down")) else -along
