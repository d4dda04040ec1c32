"""Operations on the size of videos and pictures: resize and crop."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from showreel.assets.shapes import shaped
from showreel.core.framing import Fit, Size, framing_of, inside
from showreel.media.framing import colour_filters, fit_filters
from showreel.media.operations.encoding import cropped_filters, encode, finish, whole
from showreel.media.operations.models import Crop, OperationResult, Resize, ResizeFit
from showreel.media.operations.pictures import load_picture, save_picture
from showreel.media.operations.shapes import Rectangle, crop_box, resized, within
from showreel.media.operations.sources import Source
from showreel.media.profile import Profile


def resize(source: Source, wanted: Resize, directory: Path) -> OperationResult:
    """Resizes; a video to even pixels. Raises MediaError."""
    if source.kind == "image":
        picture = load_picture(source.path)
        return save_picture(_resized(picture, resized(picture.size, wanted), wanted), directory)
    size = resized((source.look.width, source.look.height), wanted)
    fills = filling(wanted)
    profile = _profile(source, size)
    shape = fit_filters(source.look, profile, fills) if fills else colour_filters(source.look, size)
    return _reshaped(source, size, shape, directory)


def filling(wanted: Resize) -> Fit | None:
    """Returns how the picture fills its new size; None if it isn't cropped or padded."""
    fits: dict[ResizeFit, Fit] = {"auto": "auto", "crop": "crop", "pad": "pad"}
    has_both = wanted.width is not None and wanted.height is not None
    return fits.get(wanted.fit) if has_both else None


def crop(source: Source, wanted: Crop, directory: Path) -> OperationResult:
    """Crops to a part; of a video in even pixels. Raises MediaError `crop_outside`."""
    if source.kind == "image":
        picture = load_picture(source.path)
        box = crop_box(picture.size, wanted)
        edges = (box.x, box.y, box.x + box.width, box.y + box.height)
        return save_picture(picture.crop(edges), directory)
    box = _in_pairs(crop_box((source.look.width, source.look.height), wanted))
    size = within((box.width, box.height))
    profile = _profile(source, size)
    return _reshaped(source, size, cropped_filters(source, box, profile), directory)


def _reshaped(source: Source, size: Size, shape: list[str], directory: Path) -> OperationResult:
    changed = replace(whole(source), profile=_profile(source, size), shape=shape)
    return finish(encode(source, directory, changed), directory / "out.mp4")


def _profile(source: Source, size: Size) -> Profile:
    return Profile(width=size[0], height=size[1], fps=source.fps)


def _in_pairs(box: Rectangle) -> Rectangle:
    return replace(box, width=box.width & ~1, height=box.height & ~1)


def _resized(picture: Image.Image, size: Size, wanted: Resize) -> Image.Image:
    """Scales, then crops or pads; pads a transparent picture with transparency."""
    fills = filling(wanted)
    if fills is None:
        return picture.resize(size, Image.Resampling.LANCZOS)
    if picture.mode == "RGB" or framing_of(picture.size, size, fills) != "pad":
        return shaped(picture, size, fills)
    whole = picture.resize(inside(picture.size, size), Image.Resampling.LANCZOS)
    canvas = Image.new(picture.mode, size)
    canvas.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return canvas
