"""What a delivered clip really is, found out by decoding it."""

import io
import re
import subprocess
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageStat

from local.lambdas.ffmpeg import ensure_ffmpeg

CLIP_SCALE = 0.25
"""The side of the clips here, in parts of what vendors deliver: 16 times as cheap to make."""


@dataclass(frozen=True)
class Clip:
    """A decoded clip: small grey frames, and what FFmpeg says of the file."""

    frames: list[Image.Image]
    report: str

    @property
    def has_sound(self) -> bool:
        return "Audio: aac" in self.report

    def size(self) -> tuple[int, int]:
        """The size of the vendor's clip, of which this one is a small one."""
        width, height = self.pixels()
        return round(width / CLIP_SCALE), round(height / CLIP_SCALE)

    def pixels(self) -> tuple[int, int]:
        """The size of the file's pictures."""
        found = re.search(r"Video: h264.*?, (\d+)x(\d+)", self.report)
        assert found, self.report
        return int(found[1]), int(found[2])


def decoded(video: bytes, width: int = 160, height: int = 90) -> Clip:
    """Decode from memory through a pipe; raises AssertionError if nothing comes out."""
    scale = ["-vf", f"scale={width}:{height}", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    command = [str(ensure_ffmpeg()), "-hide_banner", "-f", "mov", "-i", "pipe:0", *scale]
    done = subprocess.run(command, input=video, capture_output=True, check=False)
    step = width * height * 3
    starts = range(0, len(done.stdout) - step + 1, step)
    frames = [
        Image.frombytes("RGB", (width, height), done.stdout[start : start + step])
        for start in starts
    ]
    return Clip(frames, done.stderr.decode(errors="replace"))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def still(data: bytes, width: int = 160, height: int = 90) -> Image.Image:
    """A picture as small as the decoded frames."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
