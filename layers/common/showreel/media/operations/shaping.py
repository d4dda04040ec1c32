"""Operations on the size: resize and crop. Of videos and of pictures."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from showreel.media.operations.encoding import (
    cropped_filters,
    encode,
    finish,
    placed_filters,
    whole,
)
from showreel.media.operations.models import Crop, Made, Resize
from showreel.media.operations.pictures import load_picture, save_picture
from showreel.media.operations.shapes import Box, Placing, Size, crop_box, placing, within
from showreel.media.operations.sources import Source
from showreel.media.profile import Profile


def resize(source: Source, wanted: Resize, directory: Path) -> Made:
    """Another size; of a video in whole pairs of pixels."""
    if source.kind == "image":
        picture = load_picture(source.path)
        return save_picture(_placed(picture, placing(picture.size, wanted)), directory)
    placed = placing((source.look.width, source.look.height), wanted)
    return _reshaped(source, placed.size, placed_filters(source, placed), directory)


def crop(source: Source, wanted: Crop, directory: Path) -> Made:
    """A part of the picture; of a video in whole pairs of pixels. Raises MediaError
    `crop_outside`.
    """
    if source.kind == "image":
        picture = load_picture(source.path)
        box = crop_box(picture.size, wanted)
        edges = (box.x, box.y, box.x + box.width, box.y + box.height)
        return save_picture(picture.crop(edges), directory)
    box = _in_pairs(crop_box((source.look.width, source.look.height), wanted))
    size = within((box.width, box.height))
    profile = _profile(source, size)
    return _reshaped(source, size, cropped_filters(source, box, profile), directory)


def _reshaped(source: Source, size: Size, shape: list[str], directory: Path) -> Made:
    changed = replace(whole(source), profile=_profile(source, size), shape=shape)
    return finish(encode(source, directory, changed), directory / "out.mp4")


def _profile(source: Source, size: Size) -> Profile:
    return Profile(width=size[0], height=size[1], fps=source.fps)


def _in_pairs(box: Box) -> Box:
    return replace(box, width=box.width & ~1, height=box.height & ~1)


def _placed(picture: Image.Image, placed: Placing) -> Image.Image:
    """Scales, then crops or puts bars around, which are clear where the picture may be."""
    scaled = picture.resize(placed.scaled, Image.Resampling.LANCZOS)
    if placed.scaled == placed.size:
        return scaled
    canvas = Image.new(picture.mode, placed.size)
    canvas.paste(scaled, placed.corner)
    return canvas
