"""Moving pictures from stills: a camera over one, or a change from one into another.

Frames are resampled with sub-pixel boxes on the Y, U and V planes. The first frame is the given
picture exactly, and the last one the given end, as image-to-video models make it; what a camera
sees beyond the picture's edges is its mirror image.
"""

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
MOVES = {
    "zoom out": Move(zoom=_FAR),
    "pull back": Move(zoom=_FAR),
    "dolly out": Move(zoom=_FAR),
    "pan left": Move(right=-_ASIDE),
    "truck left": Move(right=-_ASIDE),
    "pan right": Move(right=_ASIDE),
    "truck right": Move(right=_ASIDE),
    "tilt up": Move(down=-_ASIDE),
    "pedestal up": Move(down=-_ASIDE),
    "crane up": Move(down=-_ASIDE),
    "tilt down": Move(down=_ASIDE),
    "pedestal down": Move(down=_ASIDE),
    "orbit": Move(zoom=0.9, right=_ASIDE),
    "static": Move(zoom=0.97),
    "zoom in": Move(zoom=_NEAR),
    "push in": Move(zoom=_NEAR),
    "dolly in": Move(zoom=_NEAR),
}
_USUAL = Move(zoom=0.86, right=0.03)


def choose_move(prompt: str) -> Move:
    """The movement that a prompt asks for first; a slow approach if it names none."""
    words = prompt.lower().replace("-", " ")
    named = [(words.find(name), move) for name, move in MOVES.items() if name in words]
    return min(named, key=lambda found: found[0])[1] if named else _USUAL


class Canvas:
    """A picture with mirrored margins, as three planes that a camera can look at."""

    def __init__(self, picture: Image.Image, size: tuple[int, int]) -> None:
        self._size = size
        fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)
        self._margin = (round(size[0] * _MARGIN), round(size[1] * _MARGIN))
        self._planes = _with_margins(fitted, self._margin).convert("RGB", _TO_BT709).split()

    def look(self, move: Move, progress: float) -> Planes:
        """The three planes at a point of the movement, from 0, the picture itself, to 1."""
        box = self._box(move, progress)
        width, height = self._size
        sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
        return tuple(
            plane.resize(size, Image.Resampling.BILINEAR, box)
            for plane, size in zip(self._planes, sizes, strict=True)
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
    """The picture in the middle of nine copies, the others mirrored at its edges."""
    (width, height), (aside, above) = picture.size, margin
    wide = Image.new("RGB", (width + 2 * aside, height + 2 * above))
    for column in (-1, 0, 1):
        for row in (-1, 0, 1):
            copy = ImageOps.mirror(picture) if column else picture
            copy = ImageOps.flip(copy) if row else copy
            wide.paste(copy, (aside + column * width, above + row * height))
    return wide
