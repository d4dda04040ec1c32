"""Computes what the camera sees during a move, as boxes and perspective quads. Pure geometry."""

from dataclasses import dataclass

from showreel.media.moves import Move, MoveKind
from showreel.media.stills import CANVAS_SCALE

KEYSTONE = 0.09
"""By what share one side of the picture shrinks, at most, when the camera turns."""


MOST_TRAVEL = 0.7
"""How many window widths or heights a camera travels at most: with five seconds that makes seven
seconds per frame width, from which on a pan looks calm.
"""
WIDEST_PASS = 1.2
"""The share of the canvas seen by a camera that travels over what lies outside the frame."""
Room = tuple[float, float]
"""The size of the canvas in windows, wide and high."""
LEAST_ROOM = (CANVAS_SCALE, CANVAS_SCALE)


@dataclass(frozen=True)
class View:
    """The part of the canvas that the camera sees. `scale` is its size in window sizes (1 to
    CANVAS_SCALE), `x` and `y` its position in the free room (-1 to 1). `swing` and `nod` are the
    perspective: how much more of the canvas the right side shows than the left one, and the lower
    than the upper one. A side that shows more looks farther away.
    """

    scale: float = CANVAS_SCALE
    x: float = 0.0
    y: float = 0.0
    swing: float = 0.0
    nod: float = 0.0


def view_at(move: Move, share: float, room: Room = LEAST_ROOM) -> View:
    """Returns the view after `share` (0-1) of the move. Every view lies inside the canvas.

    Where the canvas is larger than usual, a move in that direction zooms out a little and travels
    over what the frame hides.
    """
    along = (2 * share - 1) * move.amount
    reserve = (CANVAS_SCALE - 1) * move.amount
    across, down = room
    match move.kind:
        case MoveKind.DOLLY_IN:
            return View(CANVAS_SCALE - reserve * share)
        case MoveKind.DOLLY_OUT:
            return View(CANVAS_SCALE - reserve * (1 - share))
        case MoveKind.PAN_LEFT | MoveKind.PAN_RIGHT:
            scale = _pass_scale(1.02, across)
            return View(scale, x=_signed(move.kind, along) * _reach(scale, across))
        case MoveKind.TRACK_LEFT | MoveKind.TRACK_RIGHT:
            scale = _pass_scale(1.12, across) - 0.1 * share
            return View(scale, x=_signed(move.kind, along) * _reach(scale, across))
        case MoveKind.TILT_UP | MoveKind.TILT_DOWN:
            scale, lower = _pass_scale(1.08, down), _signed(move.kind, along)
            return View(scale, y=lower * 0.9 * _reach(scale, down), nod=lower * KEYSTONE)
        case MoveKind.ORBIT_LEFT | MoveKind.ORBIT_RIGHT:
            scale, right = _pass_scale(1.1, across), _signed(move.kind, along)
            return View(scale, x=right * 0.8 * _reach(scale, across), swing=-right * KEYSTONE)


def _pass_scale(least: float, room: float) -> float:
    """Returns a scale of at least `least`, plus half of the room beyond the usual."""
    return max(least, min(WIDEST_PASS, least + (room - CANVAS_SCALE) / 2))


def _reach(scale: float, room: float) -> float:
    """Returns the share of the free room to either side that is no more than MOST_TRAVEL."""
    return min(1.0, MOST_TRAVEL / (room - scale))


def view_box(
    size: tuple[int, int], view: View, room: Room = LEAST_ROOM
) -> tuple[float, float, float, float]:
    """Returns left, top, right and bottom of the view on a plane of `size`, in its pixels."""
    width, height = size[0] * view.scale / room[0], size[1] * view.scale / room[1]
    left = (size[0] - width) / 2 * (1 + view.x)
    top = (size[1] - height) / 2 * (1 + view.y)
    return (left, top, min(size[0], left + width), min(size[1], top + height))


Corner = tuple[float, float]


def quad(box: tuple[float, float, float, float], view: View) -> list[Corner]:
    """Returns the view's corners (upper left, upper right, lower right, lower left), leaned
    inwards.

    One side shrinks by twice the perspective and the other keeps its length, so that no corner
    leaves the box.
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
    """Returns Pillow's eight coefficients that map a frame of `size` onto `corners`.

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


def _signed(kind: MoveKind, along: float) -> float:
    """Returns the movement with its sign: right and down are positive."""
    return along if kind.endswith(("right", "down")) else -along
