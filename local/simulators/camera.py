"""Moving pictures from stills: a camera over one, or a change from one into another.

Frames are picked from the Y, U and V planes at three times their sides, so that a camera moves in
thirds of a pixel: 1.7 ms a frame at 720p, a fifth of what resampling takes. The first frame is the
given picture exactly, and the last one the given end, as image-to-video models make it. A camera
never leaves the picture: it has to come closer before it can move aside or retreat.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

Planes = tuple[Image.Image, ...]
Box = tuple[float, float, float, float]

# ITU-R BT.709 in limited range: Y from 16 to 235, Cb and Cr around 128.
_TO_BT709 = (
    *(0.1826, 0.6142, 0.0620, 16.0),
    *(-0.1006, -0.3386, 0.4392, 128.0),
    *(0.4392, -0.3989, -0.0403, 128.0),
)
_FINER = 3
"""How many times the sides of the picture its planes have. It is odd: the middle of each pixel has
a pixel of its own there, so that the whole picture is seen as it is.
"""
_DRIFT = 0.06
_APPROACHED = 0.4
"""The share of the time after which a camera is close enough for the rest of its movement."""


@dataclass(frozen=True)
class Move:
    """How a camera moves that starts with the whole picture.

    It comes as close as `zoom`, a share of the picture's width and height. `right` and `down` are
    where it ends in the room that this leaves, -1 to 1; it crosses the room from the other side.
    One that `retreats` ends with the whole picture again.
    """

    zoom: float = 1.0
    right: float = 0.0
    down: float = 0.0
    retreats: bool = False


_NEAR, _BESIDE = 0.78, 0.74
_USUAL = Move(zoom=0.86, right=0.4)
_WORDS = re.compile(
    r"\b(?P<depth>(?:track|move) forward|push|pull|dolly|zoom|approach|retreat|forward|reveal)"
    r"|\b(?P<orbit>orbit|arc\b|circl)"
    r"|\b(?P<side>pan|track|truck|slid|glid|lateral|sweep)"
    r"|\b(?P<height>tilt|crane|pedestal|boom|ris)"
    r"|\b(?P<rest>static|locked)"
)
_AWAY = re.compile(r"\b(pull|retreat|reveal|out|back|backwards?|away)\b")
_LEFT = re.compile(r"\b(right to left|from the right|(?<!from )(?<!from the )left(?! to right))\b")


def choose_move(prompt: str) -> Move:
    """Returns the movement that a prompt names first, and its direction; else a slow approach."""
    text = prompt.lower()
    found = _WORDS.search(text)
    if found is None:
        return _USUAL
    after = text[found.start() : found.start() + 60]
    aside = -1.0 if _LEFT.search(after) else 1.0
    moves = {
        "depth": Move(zoom=_NEAR, retreats=_AWAY.search(after[:30]) is not None),
        "orbit": Move(zoom=_NEAR, right=0.7 * aside),
        "side": Move(zoom=_BESIDE, right=aside),
        "height": Move(zoom=_BESIDE, down=1.0 if " down" in after else -1.0),
        "rest": Move(zoom=0.97),
    }
    return moves[found.lastgroup or "rest"]


def seen(move: Move, time: float) -> Box:
    """Returns which part of the picture a camera sees, from 0, all of it, to 1, as shares of its
    width and height. It always lies inside.
    """
    if move.retreats:
        turn = _APPROACHED
        near = _smooth(time / turn) if time < turn else 1 - _smooth((time - turn) / (1 - turn))
        return _middle(1 - (1 - move.zoom) * near, 0.0, 0.0)
    if move.right == move.down == 0:
        return _middle(1 - (1 - move.zoom) * _smooth(time), 0.0, 0.0)
    side = 2 * _smooth((time - _APPROACHED / 2) / (1 - _APPROACHED / 2)) - 1
    zoom = 1 - (1 - move.zoom) * _smooth(time / _APPROACHED)
    return _middle(zoom, move.right * side, move.down * side)


def _middle(zoom: float, right: float, down: float) -> Box:
    """Returns the box of that size at a place of the room that it has, -1 to 1."""
    room = (1 - zoom) / 2
    left, top = room * (1 + right), room * (1 + down)
    return left, top, min(1.0, left + zoom), min(1.0, top + zoom)


def _smooth(share: float) -> float:
    """Returns 0 to 1, slow at both ends."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


class Canvas:
    """A picture as three fine planes that a camera can look at."""

    def __init__(self, picture: Image.Image, size: tuple[int, int]) -> None:
        fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)
        luma, *chroma = fitted.convert("RGB", _TO_BT709).split()
        self._planes = [_finer(plane) for plane in (luma, *(plane.reduce(2) for plane in chroma))]

    def look(self, part: Box) -> Planes:
        """Returns the three planes of a part of the picture, in the picture's own size."""
        return tuple(_picked(plane, part) for plane in self._planes)


def _finer(plane: Image.Image) -> Image.Image:
    size = plane.width * _FINER, plane.height * _FINER
    return plane.resize(size, Image.Resampling.BILINEAR)


def _picked(plane: Image.Image, part: Box) -> Image.Image:
    width, height = plane.size
    box = (part[0] * width, part[1] * height, part[2] * width, part[3] * height)
    return plane.resize((width // _FINER, height // _FINER), Image.Resampling.NEAREST, box)


def camera_frames(canvas: Canvas, move: Move, frames: int) -> Iterator[bytes]:
    """Raw yuv420p frames of a camera that starts at the picture."""
    for number in range(frames):
        yield _raw(canvas.look(seen(move, number / (frames - 1))))


def changing_frames(first: Canvas, last: Canvas, move: Move, frames: int) -> Iterator[bytes]:
    """Raw yuv420p frames from one picture into another while the camera drifts: from all of the
    first to all of the last. Each picture but the last is shown twice: films show such a clip five
    times as fast.
    """
    frame = b""
    for number in range(frames):
        if number % 2 == 0 or number == frames - 1:
            frame = _changed(first, last, move, number / (frames - 1))
        yield frame


def _changed(first: Canvas, last: Canvas, move: Move, part: float) -> bytes:
    progress = _smooth(part)
    share = min(max((progress - 0.2) / 0.6, 0.0), 1.0)
    before = _middle(1 - _DRIFT * progress, move.right, move.down)
    after = _middle(1 - _DRIFT * (1 - progress), -move.right, -move.down)
    return _raw(
        _blended(
            first.look(before) if share < 1 else None,
            last.look(after) if share > 0 else None,
            share,
        )
    )


def _blended(before: Planes | None, after: Planes | None, share: float) -> Planes:
    if before is None or after is None:
        return before or after or ()
    pairs = zip(before, after, strict=True)
    return tuple(Image.blend(old, new, share) for old, new in pairs)


def _raw(planes: Planes) -> bytes:
    return b"".join(plane.tobytes() for plane in planes)
