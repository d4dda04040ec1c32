"""Loads a picture as three planes (Y, U, V; bt709, tv range), for a camera to move over.

The canvas is a quarter larger than the part seen at once, and never stretched. A picture that fills
the frame is kept whole, with the parts outside, over which a camera may travel. A padded one is
seen through a window in the frame, around which its backdrop stands still.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from showreel.assets.images import TURNED
from showreel.assets.shapes import backdrop
from showreel.core.errors import MediaError
from showreel.core.framing import Fit, Size, around, even, framing_of, inside
from showreel.media.profile import Profile

CANVAS_SCALE = 1.25
MOST_ROOM = 2.0
"""The largest canvas in frames, wide or high: no camera travels farther."""
DRAFT_FINENESS = 3
"""How many times the canvas's sides a draft's planes have. Its camera picks pixels of them, in 2 ms
of CPU a frame at 720p; resampling takes 10 ms, or 34 ms in perspective.
"""

Planes = tuple[Image.Image, Image.Image, Image.Image]

# RGB (0-255) to Y, Cb, Cr in tv range, ITU-R BT.709
_BT709 = (
    *(0.182586, 0.614231, 0.062007, 16.0),
    *(-0.100644, -0.338572, 0.439216, 128.0),
    *(0.439216, -0.398942, -0.040274, 128.0),
)


@dataclass(frozen=True)
class Canvas:
    """The luma plane at full size, both chroma planes at half; `fineness` times that in planes from
    which pixels are picked, 1 in those that are resampled. `window` is the size of the picture in
    the middle of `surround`; without that it fills the frame.
    """

    planes: Planes
    window: Size
    surround: Planes | None = None
    fineness: int = 1

    @property
    def size(self) -> Size:
        """The size of the canvas in pixels."""
        width, height = self.planes[0].size
        return width // self.fineness, height // self.fineness

    @property
    def resampling(self) -> Image.Resampling:
        """How a frame is made of the planes."""
        return Image.Resampling.BILINEAR if self.fineness == 1 else Image.Resampling.NEAREST

    @property
    def room(self) -> tuple[float, float]:
        """The size of the canvas in windows, wide and high: at least CANVAS_SCALE."""
        across, down = _canvas_size(self.window)
        width, height = self.size
        return CANVAS_SCALE * width / across, CANVAS_SCALE * height / down


def load_canvas(still: Path, profile: Profile, fit: Fit = "auto") -> Canvas:
    """Reads `still`, upright, and fits it. Raises MediaError if it isn't a picture."""
    frame = (profile.width, profile.height)
    try:
        with Image.open(still) as image:
            upright = _upright_size(image)
            is_padded = framing_of(upright, frame, fit) == "pad"
            window = inside(upright, frame) if is_padded else frame
            picture = _read(image, _canvas_size(window))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError) as error:
        raise MediaError("The picture can't be read", code="media_undecodable") from error
    luma, blue, red = _planes(_covering(picture, _canvas_size(window)))
    fineness = DRAFT_FINENESS if profile.draft else 1
    planes = (_finer(luma, fineness), _finer(blue, fineness), _finer(red, fineness))
    surround = _planes(backdrop(picture, frame)) if is_padded else None
    return Canvas(planes, window, surround, fineness)


def _finer(plane: Image.Image, times: int) -> Image.Image:
    size = (plane.width * times, plane.height * times)
    return plane.resize(size, Image.Resampling.BILINEAR)


def _canvas_size(window: Size) -> Size:
    return even(window[0] * CANVAS_SCALE), even(window[1] * CANVAS_SCALE)


def _upright_size(image: Image.Image) -> Size:
    is_turned = image.getexif().get(ExifTags.Base.Orientation) in TURNED
    return (image.height, image.width) if is_turned else image.size


def _read(image: Image.Image, least: Size) -> Image.Image:
    """Decodes the picture, upright; a JPEG at a smaller size if that still covers `least`."""
    upright = _upright_size(image)
    wanted = around(upright, least)
    image.draft("RGB", wanted if upright == image.size else wanted[::-1])
    return ImageOps.exif_transpose(image).convert("RGB")


def _covering(picture: Image.Image, least: Size) -> Image.Image:
    """Returns the picture scaled to cover `least`, cropped to what a camera can reach."""
    width, height = around(picture.size, least)
    most = [even(side * MOST_ROOM / CANVAS_SCALE) for side in least]
    size = (min(width, most[0]), min(height, most[1]))
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _planes(image: Image.Image) -> Planes:
    """Returns the picture as bt709 planes, chroma at half size."""
    luma, blue, red = image.convert("RGB", _BT709).split()
    half = (image.width // 2, image.height // 2)
    box = Image.Resampling.BOX
    return luma, blue.resize(half, box), red.resize(half, box)
