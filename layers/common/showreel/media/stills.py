"""A picture as three planes (Y, U, V; bt709, tv range) of the film's shape, ready to be moved over.

The canvas is a quarter larger than the film's frame, which is all that a camera move needs, and
never stretched: a little is cropped, a lot is filled with a blurred copy of the picture.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from showreel.core.errors import MediaError
from showreel.media.profile import Profile

CANVAS_SCALE = 1.25
MOST_CROPPED = 0.3
"""Share of a picture that may be cut away to fill the frame; 4:3 in a 16:9 film loses 0.25."""

_BLUR_WIDTH = 64
_DIM = 0.55

# RGB (0-255) to Y, Cb, Cr in tv range, ITU-R BT.709.
_BT709 = (
    *(0.182586, 0.614231, 0.062007, 16.0),
    *(-0.100644, -0.338572, 0.439216, 128.0),
    *(0.439216, -0.398942, -0.040274, 128.0),
)


@dataclass(frozen=True)
class Canvas:
    """Luma at full size, both chroma planes at half of it."""

    planes: tuple[Image.Image, Image.Image, Image.Image]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the luma plane, in pixels."""
        return self.planes[0].size


def load_canvas(still: Path, profile: Profile) -> Canvas:
    """Reads `still`, upright, and fits it. Raises MediaError if it is no picture."""
    size = (_even(profile.width * CANVAS_SCALE), _even(profile.height * CANVAS_SCALE))
    try:
        with Image.open(still) as image:
            image.draft("RGB", size)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError) as error:
        raise MediaError("The picture can't be read", code="media_undecodable") from error
    return _planes(fit(upright, size))


def fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` at exactly `size`: cropped if that costs little, else whole over a blurred copy."""
    if _cropped_share(image.size, size) <= MOST_CROPPED:
        return ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    backdrop = _backdrop(image, size)
    whole = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    backdrop.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return backdrop


def _cropped_share(have: tuple[int, int], want: tuple[int, int]) -> float:
    """Returns how much of the picture a crop to the wanted shape would cut away, 0 to 1."""
    ratio = (have[0] * want[1]) / (have[1] * want[0])
    return 1 - min(ratio, 1 / ratio)


def _backdrop(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Blurs and dims the picture over the whole frame; made small, as it has no detail."""
    small = (_BLUR_WIDTH, max(2, round(_BLUR_WIDTH * size[1] / size[0])))
    blurred = ImageOps.fit(image, small).filter(ImageFilter.GaussianBlur(3))
    return blurred.point(lambda level: level * _DIM).resize(size, Image.Resampling.BICUBIC)


def _planes(image: Image.Image) -> Canvas:
    """Returns the picture as bt709 planes, chroma at half size."""
    luma, blue, red = image.convert("RGB", _BT709).split()
    half = (image.width // 2, image.height // 2)
    box = Image.Resampling.BOX
    return Canvas((luma, blue.resize(half, box), red.resize(half, box)))


def _even(length: float) -> int:
    """Returns the nearest even number of pixels."""
    return 2 * round(length / 2)
