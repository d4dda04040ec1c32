"""Moving pictures from stills: a camera over one, or a change from one into another.

Frames are resampled with sub-pixel boxes on the Y, U and V planes. The first frame is the given
picture exactly, and the last one the given end, as image-to-video models make it; what a camera
sees beyond the picture's edges is its mirror image.
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
_MARGIN = 0.16
_DRIFT = 0.06


@dataclass(frozen=True)
class Move:
    """Where the camera ends: `zoom` below 1 is closer; the rest is in picture sizes."""

    zoom: float = 1.0
    right: float = 0.0
    down: float = 0.0


_NEAR, _FAR, _ASIDE = 0.78, 1.26, 0.14
_USUAL = Move(zoom=0.86, right=0.03)
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
    aside = -_ASIDE if _LEFT.search(after) else _ASIDE
    moves = {
        "depth": Move(zoom=_FAR if _AWAY.search(after[:30]) else _NEAR),
        "orbit": Move(zoom=0.9, right=aside),
        "side": Move(right=aside),
        "height": Move(down=_ASIDE if " down" in after else -_ASIDE),
        "rest": Move(zoom=0.97),
    }
    return moves[found.lastgroup or "rest"]


class Canvas:
    """A picture with mirrored margins, as three planes that a camera can look at."""

    def __init__(self, picture: Image.Image, size: tuple[int, int]) -> None:
        self._size = size
        fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)
        self._margin = (2 * round(size[0] * _MARGIN / 2), 2 * round(size[1] * _MARGIN / 2))
        self._planes = _with_margins(fitted, self._margin).convert("RGB", _TO_BT709).split()
        self._planes = (self._planes[0], *(plane.reduce(2) for plane in self._planes[1:]))

    def look(self, move: Move, progress: float) -> Planes:
        """Returns the three planes at a point of the movement, from 0, the picture itself, to 1."""
        box = self._box(move, progress)
        half_box = (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
        half_size = (self._size[0] // 2, self._size[1] // 2)
        luma, *chroma = self._planes
        return (
            luma.resize(self._size, Image.Resampling.BILINEAR, box),
            *(plane.resize(half_size, Image.Resampling.BILINEAR, half_box) for plane in chroma),
        )

    def _box(self, move: Move, progress: float) -> Box:
        width, height = self._size
        zoom = 1 + (move.zoom - 1) * progress
        middle_x = self._margin[0] + width * (0.5 + move.right * progress)
        middle_y = self._margin[1] + height * (0.5 + move.down * progress)
        half_width, half_height = width * zoom / 2, height * zoom / 2
        return (
            middle_x - half_width,
            middle_y - half_height,
            middle_x + half_width,
            middle_y + half_height,
        )


def camera_frames(canvas: Canvas, move: Move, frames: int) -> Iterator[bytes]:
    """Raw yuv420p frames of a camera that starts at the picture."""
    for number in range(frames):
        yield _raw(canvas.look(move, _eased(number, frames)))


def changing_frames(first: Canvas, last: Canvas, move: Move, frames: int) -> Iterator[bytes]:
    """Raw yuv420p frames from one picture into another while the camera drifts."""
    drift = Move(zoom=1 - _DRIFT, right=move.right / 4, down=move.down / 4)
    counter = Move(zoom=1 + _DRIFT, right=-move.right / 4, down=-move.down / 4)
    for number in range(frames):
        progress = _eased(number, frames)
        share = min(max((progress - 0.2) / 0.6, 0.0), 1.0)
        before = first.look(drift, progress) if share < 1 else None
        after = last.look(counter, 1 - progress) if share > 0 else None
        yield _raw(_blended(before, after, share))


def _blended(before: Planes | None, after: Planes | None, share: float) -> Planes:
    if before is None or after is None:
        return before or after or ()
    pairs = zip(before, after, strict=True)
    return tuple(Image.blend(old, new, share) for old, new in pairs)


def _eased(number: int, frames: int) -> float:
    linear = number / (frames - 1)
    return linear * linear * (3 - 2 * linear)


def _raw(planes: Planes) -> bytes:
    return b"".join(plane.tobytes() for plane in planes)


def _with_margins(picture: Image.Image, margin: tuple[int, int]) -> Image.Image:
    """Returns the picture in the middle of nine copies, the others mirrored at its edges."""
    (width, height), (aside, above) = picture.size, margin
    wide = Image.new("RGB", (width + 2 * aside, height + 2 * above))
    for column in (-1, 0, 1):
        for row in (-1, 0, 1):
            copy = ImageOps.mirror(picture) if column else picture
            copy = ImageOps.flip(copy) if row else copy
            wide.paste(copy, (aside + column * width, above + row * height))
    return wide
