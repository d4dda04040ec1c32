"""Fits pictures to a frame's shape, by the rule of `core.framing`."""

from PIL import Image, ImageFilter, ImageOps

from showreel.core.framing import (
    BACKDROP_BLUR_PX,
    BACKDROP_LEVEL,
    Fit,
    Size,
    backdrop_size,
    framing_of,
    inside,
)


def shaped(image: Image.Image, size: Size, fit: Fit = "auto") -> Image.Image:
    """Returns an RGB picture of exactly `size`, cropped, or whole on a blurred enlargement."""
    if framing_of(image.size, size, fit) != "pad":
        return ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    whole = image.resize(inside(image.size, size), Image.Resampling.LANCZOS)
    canvas = backdrop(image, size)
    canvas.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return canvas


def backdrop(image: Image.Image, size: Size) -> Image.Image:
    """Returns the picture enlarged to the whole frame, blurred and dimmed."""
    small = ImageOps.fit(image, backdrop_size(size))
    blurred = small.filter(ImageFilter.GaussianBlur(BACKDROP_BLUR_PX))
    dimmed = blurred.point(lambda level: level * BACKDROP_LEVEL)
    return dimmed.resize(size, Image.Resampling.BICUBIC)
