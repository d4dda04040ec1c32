"""Renders camera moves over a still, and morphs between two: smooth to a fraction of a pixel.

Each frame is resampled from the canvas with Pillow, plane by plane, at real-number positions
(FFmpeg's zoompan rounds to whole pixels and trembles), then piped raw into the encoder with the
film's profile. Moves ease in and out. A draft's frames are picked from a finer canvas.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from showreel.core.framing import Fit, Size
from showreel.media.camera import View, perspective, quad, view_at, view_box
from showreel.media.captions import burn
from showreel.media.cues import FILM_CLIP, InFilm
from showreel.media.moves import Move
from showreel.media.profile import BT709, Profile
from showreel.media.runner import ProcessLimits, run_with_frames
from showreel.media.stills import CANVAS_SCALE, Canvas, load_canvas

MAX_FRAMES = 130 * 60
OnFrame = Callable[[int], None]
"""Called with the number of each frame before it is rendered."""
_LIMITS = ProcessLimits(seconds=240, output_bytes=512 * 1024**2)
_MORPH_ZOOM = 0.12


def render_motion(
    still: Path,
    destination: Path,
    *,
    move: Move,
    frames: int,
    profile: Profile,
    fit: Fit = "auto",
    in_film: InFilm = FILM_CLIP,
    on_frame: OnFrame = lambda _index: None,
) -> None:
    """Writes an MP4 of exactly `frames` frames in the film's profile, without sound, for the role
    `in_film`.

    Raises MediaError for an unreadable still, Transient if the machine fails.
    """
    canvas = load_canvas(still, profile, fit)

    def rendered() -> Iterator[bytes]:
        for index in range(frames):
            on_frame(index)
            view = view_at(move, _eased(index, frames), canvas.room)
            yield _frame_bytes(_look(canvas, view))

    encode = profile.encode_arguments(_checked(frames), in_film.cuts)
    burnt = burn(in_film.captions, profile, destination.parent, frames, first_input=1)
    _encode(rendered(), destination, encode, profile, burnt)


def render_morph(
    first: Path,
    last: Path,
    destination: Path,
    *,
    frames: int,
    profile: Profile,
    fit: Fit = "auto",
) -> None:
    """Writes a dissolve from `first` to `last`, both exact, with one zoom through both."""
    before, after = load_canvas(first, profile, fit), load_canvas(last, profile, fit)
    shares = (_eased(index, frames) for index in range(frames))
    rendered = (_frame_bytes(_morph_planes(before, after, share)) for share in shares)
    _encode(rendered, destination, profile.encode_arguments(_checked(frames)), profile)


def _checked(frames: int) -> int:
    if not 1 <= frames <= MAX_FRAMES:
        raise ValueError(f"A clip has 1 to {MAX_FRAMES} frames, not {frames}")
    return frames


def _eased(index: int, frames: int) -> float:
    """Returns the share of the move at a frame: 0 at the first, 1 at the last, slow at both."""
    share = index / (frames - 1) if frames > 1 else 0.0
    return 0.5 - 0.5 * math.cos(math.pi * share)


def _look(canvas: Canvas, view: View) -> list[Image.Image]:
    """Returns the three planes of one frame."""
    width, height = canvas.window
    seen = [
        _resample(plane, view, canvas, (width // half, height // half))
        for plane, half in zip(canvas.planes, (1, 2, 2), strict=True)
    ]
    if canvas.surround is None:
        return seen
    return [_inset(plane, part) for plane, part in zip(canvas.surround, seen, strict=True)]


def _resample(plane: Image.Image, view: View, canvas: Canvas, size: Size) -> Image.Image:
    """Returns what the view shows of one plane, at `size`."""
    box = view_box(plane.size, view, canvas.room)
    if view.swing == 0 and view.nod == 0:
        return plane.resize(size, canvas.resampling, box=box)
    coefficients = perspective(quad(box, view), size)
    return plane.transform(size, Image.Transform.PERSPECTIVE, coefficients, canvas.resampling)


def _inset(surround: Image.Image, part: Image.Image) -> Image.Image:
    """Returns the surround with `part` in its middle."""
    frame = surround.copy()
    frame.paste(part, ((frame.width - part.width) // 2, (frame.height - part.height) // 2))
    return frame


def _morph_planes(before: Canvas, after: Canvas, share: float) -> list[Image.Image]:
    """Returns one frame of a morph: the old still comes closer while the new one settles."""
    if share <= 0:
        return _look(before, View())
    if share >= 1:
        return _look(after, View())
    old = _look(before, View(CANVAS_SCALE - _MORPH_ZOOM * share))
    new = _look(after, View(CANVAS_SCALE - _MORPH_ZOOM * (1 - share)))
    return [Image.blend(one, other, share) for one, other in zip(old, new, strict=True)]


def _frame_bytes(planes: list[Image.Image]) -> bytes:
    """Returns one yuv420p frame."""
    return b"".join(plane.tobytes() for plane in planes)


def _encode(
    frames: Iterator[bytes],
    destination: Path,
    encode: Sequence[str],
    profile: Profile,
    burnt: tuple[Sequence[str], str] = ((), ""),
) -> None:
    """Encodes raw frames in the profile, with captions over them."""
    pictures, captioned = burnt
    size = f"{profile.width}x{profile.height}"
    arguments = [
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s:v", size, "-r", str(profile.fps)),
        *("-protocol_whitelist", "file,pipe", "-i", "pipe:0", *pictures),
        *("-filter_complex", f"[0:v:0]setsar=1,{BT709}{captioned}[out]", "-map", "[out]"),
        *encode,
        str(destination.resolve()),
    ]
    run_with_frames(arguments, destination.resolve().parent, frames, limits=_LIMITS)
