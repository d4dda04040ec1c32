"""Pictures that fal's image models deliver: drawn from the prompt, or made of the given one."""

import hashlib
import io
import random
from pathlib import Path

from PIL import Image, ImageOps

from local.simulators.vendors.fal.scenery import drawn

Size = tuple[int, int]

_TINT = 0.25


def save_picture(
    prompt: str, number: int, size: Size, given: bytes | None, folder: Path, file_format: str
) -> Path:
    """Returns the file of one picture; the same order gives the same one."""
    facts = repr((prompt, number, size, file_format)).encode()
    name = hashlib.sha256(facts + (given or b"")).hexdigest()
    path = folder / f"{name}.{'png' if file_format == 'png' else 'jpg'}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        dice = random.Random(f"{prompt} {number}")
        picture = drawn(prompt, dice, size) if given is None else _changed(given, dice, size)
        unfinished = path.with_suffix(f".{random.getrandbits(40)}.part")
        picture.save(unfinished, "PNG" if file_format == "png" else "JPEG", quality=90)
        unfinished.replace(path)
    return path


def own_size(given: bytes) -> Size:
    """Returns the size of a picture that decides its result's."""
    with Image.open(io.BytesIO(given)) as picture:
        return ImageOps.exif_transpose(picture).size


def _changed(given: bytes, dice: random.Random, size: Size) -> Image.Image:
    """Returns the given picture in the light of the prompt."""
    with Image.open(io.BytesIO(given)) as picture:
        fitted = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), size)
    light = Image.new("RGB", size, tuple(dice.randbytes(3)))
    return Image.blend(fitted, light, _TINT)
