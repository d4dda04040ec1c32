"""Lays a picture or a silent video over a video, or a picture over a picture."""

from pathlib import Path

from PIL import Image

from showreel.core.errors import MediaError
from showreel.core.framing import Size
from showreel.media.framing import colour_filters
from showreel.media.operations.encoding import Encoding, encode_graph, filters, finish, whole
from showreel.media.operations.models import OperationResult, Overlay
from showreel.media.operations.pictures import load_picture, save_picture
from showreel.media.operations.shapes import Rectangle, overlay_box
from showreel.media.operations.sources import Source
from showreel.media.profile import BT709, Profile


def overlay(source: Source, above: Source, wanted: Overlay, directory: Path) -> OperationResult:
    """Lays `above` over `source`, which gives the length; a shorter video above disappears when it
    ends. Raises MediaError `media_type` for a video over a picture.
    """
    if source.kind == "image":
        return _over_picture(source, above, wanted, directory)
    below = whole(source)
    box = _box(source.size, _size_of(above), wanted)
    first, end = _frames(below.profile, wanted)
    if above.kind == "image":
        opened, shown = _picture_input(above, box, wanted, below, directory)
    else:
        opened, shown = above.opened(), _video_filters(above, box, wanted, below.profile, first)
    enabled = f"between(n\\,{first}\\,{min(end, below.frames) - 1})"
    laid = f"overlay={box.x}:{box.y}:format=yuv420:eof_action=pass:enable='{enabled}'"
    graph = (
        f"[0:v:0]{filters(below)}[below];[1:v:0]{shown}[above];"
        f"[below][above]{laid},format=yuv420p,setsar=1,{BT709}[out]"
    )
    tracks = encode_graph(source, directory, below, graph, opened)
    return finish(tracks, directory / "out.mp4")


def _frames(profile: Profile, wanted: Overlay) -> tuple[int, int]:
    """Returns the first frame that shows the overlay, and the first one after it."""
    first = round(wanted.start_seconds * profile.fps)
    end = wanted.end_seconds
    return first, max(first + 1, 10**9 if end is None else round(end * profile.fps))


def _picture_input(
    above: Source, box: Rectangle, wanted: Overlay, below: Encoding, directory: Path
) -> tuple[list[str], str]:
    """Returns the input of the scaled picture, and filters that repeat it for every frame."""
    path = directory / "above.png"
    _seen(load_picture(above.path), box, wanted).save(path, compress_level=1)
    opened = ["-f", "png_pipe", "-framerate", str(below.profile.fps), "-i", str(path)]
    colours = "scale=out_range=tv:out_color_matrix=bt709,format=yuva444p"
    return opened, f"{colours},loop=loop={below.frames}:size=1"


def _video_filters(
    above: Source, box: Rectangle, wanted: Overlay, profile: Profile, first: int
) -> str:
    scaled = colour_filters(above.look, (box.width, box.height))
    rate = f"fps={profile.fps}:start_time=0"
    shade = f"format=yuva420p,colorchannelmixer=aa={wanted.opacity:.3f}"
    return ",".join([rate, *scaled, shade, f"setpts=PTS+{first}/{profile.fps}/TB"])


def _over_picture(
    source: Source, above: Source, wanted: Overlay, directory: Path
) -> OperationResult:
    if above.kind != "image":
        raise MediaError("Only a picture can be laid over a picture", code="media_type")
    below, picture = load_picture(source.path), load_picture(above.path)
    box = _box(below.size, picture.size, wanted)
    canvas = below.convert("RGBA")
    canvas.alpha_composite(_seen(picture, box, wanted), (box.x, box.y))
    return save_picture(canvas if below.mode == "RGBA" else canvas.convert("RGB"), directory)


def _box(below: Size, above: Size, wanted: Overlay) -> Rectangle:
    return overlay_box(below, above, wanted.position, wanted.width_share, wanted.margin_share)


def _seen(picture: Image.Image, box: Rectangle, wanted: Overlay) -> Image.Image:
    """Returns the picture in its size and opacity."""
    small = picture.convert("RGBA").resize((box.width, box.height), Image.Resampling.LANCZOS)
    if wanted.opacity < 1:
        small.putalpha(small.getchannel("A").point(lambda level: level * wanted.opacity))
    return small


def _size_of(source: Source) -> Size:
    if source.kind == "image":
        return load_picture(source.path).size
    return source.look.width, source.look.height
