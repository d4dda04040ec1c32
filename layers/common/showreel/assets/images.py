"""Verifies and sanitizes untrusted pictures: within bounds, decoded and encoded once.

The result is always a new 8-bit RGB JPEG without metadata: upright, in sRGB, at most 4096 px on its
long side. The same bytes in always give the same bytes out, so a picture's hash can be part of a
reuse key. Errors: MediaError `media_type`, `media_too_large`, `media_invalid`.
"""

import hashlib
import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from PIL import ExifTags, Image, ImageOps

from showreel.assets.headers import (
    MAX_PIXELS,
    check_length,
    check_size,
    has_endless_scans,
    image_type,
    too_many_pixels,
    webp_size,
)
from showreel.assets.shapes import shaped
from showreel.core.errors import InvalidInput, MediaError
from showreel.core.framing import Fit, Size, even

MAX_SANITIZED_SIDE_PX = 4096
LONG_SIDE_PX = 1920
"""The long side of a picture that is brought to a ratio."""
JPEG_QUALITY = 93
TURNED = frozenset({5, 6, 7, 8})
"""EXIF orientations that exchange width and height."""
TRANSPARENT = frozenset({"LA", "La", "RGBA", "RGBa"})
"""Modes with an alpha channel."""
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
"""Pillow's own limit, for any other code here that opens pictures: it raises at twice that."""
DECODE_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    AttributeError,
    struct.error,
)
"""The errors of Pillow's decoders on damaged files; any of them means that the file is unusable."""


PLUGINS = {"jpeg": "Jpeg", "png": "Png", "webp": "WebP"}


class _JpegFile(io.BytesIO):
    """A file whose name selects the encoder; for a format, Pillow would load five encoders."""

    name = "picture.jpg"


@dataclass(frozen=True)
class SanitizedImage:
    """A verified picture as JPEG bytes. Sizes in pixels; `sha256` is of the bytes, in hex."""

    data: bytes
    width: int
    height: int
    sha256: str


def sanitize(
    data: bytes, aspect_ratio: str | None = None, *, fit: Fit = "auto", size: Size | None = None
) -> SanitizedImage:
    """Verifies and sanitizes an untrusted picture, fitted to `size` or to `aspect_ratio` (`16:9`,
    long side 1920 pixels) as `fit` says. Raises MediaError, InvalidInput `aspect_ratio`.
    """
    size = size or (_size_of(aspect_ratio) if aspect_ratio else None)
    with _opened(data) as image:
        if image.format == "JPEG":
            image.draft("RGB", (MAX_SANITIZED_SIDE_PX, MAX_SANITIZED_SIDE_PX))
        colours = _true_colours(image)
        colours.thumbnail((MAX_SANITIZED_SIDE_PX, MAX_SANITIZED_SIDE_PX), Image.Resampling.LANCZOS)
        ImageOps.exif_transpose(colours, in_place=True)
        picture = _in_srgb(_opaque(colours))
    picture = shaped(picture, size, fit) if size else picture
    fresh = _jpeg(picture)
    return SanitizedImage(fresh, *picture.size, hashlib.sha256(fresh).hexdigest())


def verify(data: bytes) -> tuple[int, int]:
    """Decodes an untrusted picture as a check. Returns its upright size in pixels."""
    with _opened(data) as image:
        image.load()
        is_turned = image.getexif().get(ExifTags.Base.Orientation) in TURNED
        return (image.height, image.width) if is_turned else (image.width, image.height)


def load(data: bytes) -> Image.Image:
    """Returns an untrusted picture upright and in sRGB: RGB, or RGBA if it may be transparent."""
    with _opened(data) as image:
        colours = _true_colours(image)
        colours.load()
        ImageOps.exif_transpose(colours, in_place=True)
        if colours.mode in TRANSPARENT:
            return colours.convert("RGBA")
        return _in_srgb(colours)


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Provides an opened picture within the limits; what decoding it raises becomes MediaError."""
    check_length(data)
    kind = image_type(data).removeprefix("image/")
    try:
        if kind == "webp":
            check_size(*webp_size(data))  # the decoder allocates the whole canvas on opening
        with _open(data, kind) as image:
            check_size(*image.size)
            if kind != "jpeg" and getattr(image, "n_frames", 1) > 1:
                raise MediaError("The picture is animated; use a still one", code="media_type")
            if kind == "jpeg":
                _check_scans(image, data)
            yield image
    except Image.DecompressionBombError as error:
        raise too_many_pixels() from error
    except DECODE_ERRORS as error:
        raise MediaError("The picture is damaged") from error


def _open(data: bytes, kind: str) -> Image.Image:
    """Opens a picture like `Image.open`, which would first load other plugins, for 10 ms."""
    import_module(f"PIL.{PLUGINS[kind]}ImagePlugin")
    try:
        image: Image.Image = Image.OPEN[kind.upper()][0](io.BytesIO(data), "")
    except (SyntaxError, IndexError, TypeError, struct.error) as error:
        raise MediaError("The file only looks like a picture", code="media_type") from error
    return image


def _check_scans(image: Image.Image, data: bytes) -> None:
    if image.info.get("progressive") and has_endless_scans(data):
        raise MediaError("The picture is damaged")


def _true_colours(image: Image.Image) -> Image.Image:
    """Returns the picture in a mode that can be resampled, instead of palettes and 16-bit greys."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA")
    return image.convert("RGB") if image.mode in {"P", "1"} else image


def _opaque(image: Image.Image) -> Image.Image:
    """Returns the picture with transparent parts on white."""
    if image.mode not in TRANSPARENT:
        return image
    layer = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(layer, mask=layer.getchannel("A"))
    canvas.info["icc_profile"] = image.info.get("icc_profile")
    return canvas


def _in_srgb(image: Image.Image) -> Image.Image:
    """Returns the picture in sRGB by its embedded profile; an unreadable profile is ignored."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "CMYK"}:
        return image if image.mode == "RGB" else image.convert("RGB")
    from PIL import ImageCms  # imported here: few pictures have a profile

    try:
        source: Any = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb: Any = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        converted = None
    return converted or image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    """Returns JPEG bytes without metadata: Pillow adds only the comment by itself."""
    target = _JpegFile()
    image.save(target, quality=JPEG_QUALITY, subsampling=0, comment=b"")
    return target.getvalue()


def reshape(data: bytes, size: Size, fit: Fit = "auto") -> bytes:
    """Returns a sanitized picture at exactly `size`, as JPEG bytes; unchanged if it has that size.
    Raises MediaError.
    """
    try:
        with _open(data, "jpeg") as image:
            return data if image.size == size else _jpeg(shaped(image.convert("RGB"), size, fit))
    except DECODE_ERRORS as error:
        raise MediaError("The picture is damaged") from error


def _size_of(aspect_ratio: str) -> Size:
    left, _, right = aspect_ratio.partition(":")
    if not (left.isdecimal() and right.isdecimal() and int(left) and int(right)):
        raise InvalidInput(f"Unknown aspect ratio {aspect_ratio}", code="aspect_ratio")
    ratio = int(left) / int(right)
    width = round(LONG_SIDE_PX * min(1.0, ratio))
    return even(width), even(width / ratio)
