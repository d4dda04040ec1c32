"""Renders clips in a process of its own, one after another: descriptions in JSON come on standard
input, a line each, and a line is answered for each clip that is there.

The clip is a vendor's, not a film's: groups of 48 pictures, a time base of 1/90000, the fastest
preset, a frame more than the seconds hold.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from local.simulators.camera import Canvas, Move, camera_frames, changing_frames

_SIZES = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960)}
_POLITENESS = 5
_SAMPLE_RATE = 44_100


@dataclass(frozen=True)
class Description:
    """What to render and where; pictures are paths."""

    folder: str
    ffmpeg: str
    prompt: str
    move: Move
    frames: int
    frames_per_second: int
    size: list[int] | None
    scale: float
    sound: bool
    aspect_ratio: str
    first: str | None
    last: str | None


def main() -> None:
    """Render until standard input closes."""
    os.nice(_POLITENESS)
    for line in sys.stdin:
        _render(json.loads(line))
        print("done", flush=True)


def _render(fields: dict[str, Any]) -> None:
    """Render `clip.mp4` into the description's folder."""
    description = Description(**{**fields, "move": Move(**fields["move"])})
    folder = Path(description.folder)
    unfinished = folder / f"unfinished-{os.getpid()}.mp4"
    _encode(description, unfinished)
    unfinished.replace(folder / "clip.mp4")


def _encode(description: Description, target: Path) -> None:
    size, frames = _frames(description)
    process = subprocess.Popen(_command(description, size, target), stdin=subprocess.PIPE)
    with process:
        assert process.stdin is not None  # noqa: S101  it was asked for
        for frame in frames:
            process.stdin.write(frame)
    if process.returncode:
        raise SystemExit(f"ffmpeg ended with {process.returncode}")


def _frames(description: Description) -> tuple[tuple[int, int], Iterator[bytes]]:
    pictures = [_opened(path) for path in (description.first, description.last) if path]
    width, height = _size(description, pictures)
    size = _even(width * description.scale), _even(height * description.scale)
    scenes = [Canvas(picture, size) for picture in pictures or [_drawn(description.prompt, size)]]
    move, count = description.move, description.frames
    if len(scenes) == 2:
        return size, changing_frames(scenes[0], scenes[1], move, count)
    return size, camera_frames(scenes[0], move, count)


def _size(description: Description, pictures: list[Image.Image]) -> tuple[int, int]:
    if description.size:
        return description.size[0], description.size[1]
    return _SIZES[_nearest_ratio(pictures[0]) if pictures else description.aspect_ratio]


def _even(length: float) -> int:
    return 2 * round(length / 2)


def _opened(path: str) -> Image.Image:
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        upright.load()
        return upright


def _nearest_ratio(picture: Image.Image) -> str:
    own = picture.width / picture.height
    ratios = {name: width / height for name, (width, height) in _SIZES.items()}
    return min(ratios, key=lambda name: max(own / ratios[name], ratios[name] / own))


def _drawn(prompt: str, size: tuple[int, int]) -> Image.Image:
    """Returns a soft picture of coloured shapes that depends on the prompt alone."""
    numbers = hashlib.shake_256(prompt.encode()).digest(96)
    picture = Image.new("RGB", size, tuple(numbers[:3]))
    draw = ImageDraw.Draw(picture)
    for start in range(3, 93, 7):
        x, y, wide, high, *colour = numbers[start : start + 7]
        left, top = x * size[0] // 256, y * size[1] // 256
        corner = (left + wide * size[0] // 512 + 20, top + high * size[1] // 512 + 20)
        draw.rounded_rectangle((left, top, *corner), radius=18, fill=tuple(colour))
    return picture.filter(ImageFilter.GaussianBlur(2))


def _command(description: Description, size: tuple[int, int], target: Path) -> list[str]:
    video = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", f"{size[0]}x{size[1]}"]
    rate = ["-framerate", str(description.frames_per_second), "-i", "pipe:0"]
    sound = _sound_input(description) if description.sound else []
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "25", "-g", "48", "-threads", "1"]
    colour = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
    tags = [*colour, "-color_range", "tv"]
    box = ["-video_track_timescale", "90000", "-movflags", "+faststart", str(target)]
    return [description.ffmpeg, "-v", "error", "-y", *video, *rate, *sound, *codec, *tags, *box]


def _sound_input(description: Description) -> list[str]:
    """Returns the hum of a room, and the codec for it."""
    seconds = description.frames / description.frames_per_second
    noise = "anoisesrc=color=brown:amplitude=0.3:seed=7"
    exact = f"sample_rate={_SAMPLE_RATE}:duration={seconds:.6f}"
    room = f"{noise}:{exact},lowpass=f=900,tremolo=f=0.4:d=0.4,aformat=channel_layouts=stereo"
    return ["-f", "lavfi", "-i", room, "-c:a", "aac", "-b:a", "96k"]


if __name__ == "__main__":
    main()
