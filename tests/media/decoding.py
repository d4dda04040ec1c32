"""Making odd clips, and looking at what came out by decoding it."""

import functools
import re
import subprocess
from array import array
from pathlib import Path

from PIL import Image


def ffmpeg(*arguments: object) -> bytes:
    """Runs FFmpeg and returns its standard output."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def make_clip(
    path: Path,
    *arguments: object,
    seconds: float = 2,
    fps: float = 24,
    size: str = "160x90",
    source: str = "testsrc2",
    sound: str | None = None,
) -> Path:
    """A clip of a moving test picture; `sound` is an audio source of FFmpeg."""
    generated = f"{source}{':' if '=' in source else '='}size={size}:rate={fps}:duration={seconds}"
    inputs = ["-f", "lavfi", "-i", generated]
    if sound is not None:
        inputs += ["-f", "lavfi", "-t", seconds, "-i", sound, "-c:a", "aac"]
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    ffmpeg(*inputs, *codec, *arguments, path)
    return path


def frame_hashes(path: Path) -> list[str]:
    """One hash for each decoded frame."""
    output = ffmpeg("-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
    return [line.split(",")[5].strip() for line in _rows(output)]


def frame_times(path: Path) -> list[int]:
    """The presentation time of each frame, in frames."""
    output = ffmpeg("-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
    return [int(line.split(",")[2]) for line in _rows(output)]


def frame(path: Path, number: int) -> Image.Image:
    """One decoded frame."""
    size = video_size(path)
    picked = ["-vf", f"select=eq(n\\,{number})", "-frames:v", 1, "-fps_mode", "passthrough"]
    raw = ffmpeg("-i", path, *picked, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    return Image.frombytes("RGB", size, raw)


@functools.cache
def frames(path: Path) -> list[Image.Image]:
    """All decoded frames of a small video; the same file is decoded once."""
    size = video_size(path)
    raw = ffmpeg("-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    length = size[0] * size[1] * 3
    parts = (raw[at : at + length] for at in range(0, len(raw), length))
    return [Image.frombytes("RGB", size, part) for part in parts]


def video_size(path: Path) -> tuple[int, int]:
    """Width and height as FFmpeg says."""
    log = subprocess.run(["ffmpeg", "-hide_banner", "-i", path], check=False, capture_output=True)
    found = re.search(rb"Video: .* (\d+)x(\d+)[, ]", log.stderr)
    assert found is not None
    return int(found[1]), int(found[2])


def sound_samples(path: Path) -> "array[int]":
    """The decoded sound, mixed to one channel of 48 kHz."""
    raw = ffmpeg("-i", path, "-map", "0:a:0", "-ac", 1, "-ar", 48000, "-f", "s16le", "-")
    return array("h", raw)


def loudness(path: Path) -> float:
    """Integrated loudness in LUFS."""
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", _metered(path))[-1])


def peaks(path: Path) -> tuple[float, float]:
    """The highest sample and the true peak, in decibels of full scale."""
    sample, true = re.findall(r"Peak:\s+(-?[\d.]+) dBFS", _metered(path))
    return float(sample), float(true)


def _metered(path: Path) -> str:
    """What FFmpeg's own meter of EBU R128 says."""
    meter = ["-af", "ebur128=framelog=quiet:peak=sample+true", "-f", "null", "-"]
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-i", path, *meter]
    return subprocess.run(command, check=True, capture_output=True).stderr.decode()


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures, 0 to 255."""
    pairs = zip(one.convert("L").tobytes(), other.convert("L").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (one.width * one.height)


def _rows(output: bytes) -> list[str]:
    lines = output.decode().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def picture(path: Path) -> Image.Image:
    """A picture file, read whole."""
    with Image.open(path) as image:
        return image.convert("RGB")
