"""Loads and saves still pictures: upright, in sRGB, with transparency kept."""

from pathlib import Path

from PIL import Image

from showreel.assets.images import load
from showreel.media.operations.models import OperationResult

JPEG_QUALITY = 93


def load_picture(path: Path) -> Image.Image:
    """Returns the picture as RGB or RGBA. Raises MediaError."""
    return load(path.read_bytes())


def save_picture(picture: Image.Image, directory: Path) -> OperationResult:
    """Writes a JPEG, or a PNG if any part is transparent."""
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] != 255:
        path, content_type = directory / "out.png", "image/png"
        picture.save(path, compress_level=4)
    else:
        path, content_type = directory / "out.jpg", "image/jpeg"
        picture.convert("RGB").save(path, quality=JPEG_QUALITY, subsampling=0)
    return OperationResult(path, content_type, picture.width, picture.height)
