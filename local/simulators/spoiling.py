"""Deliveries that are not what they should be."""

import random
import subprocess
from pathlib import Path

_TITLE_BOX_BYTES = 32
_KEPT_SHARE = 0.6
_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>"


def spoil(fault: str, source: Path, target: Path, ffmpeg: Path) -> Path:
    """Write a broken version of a video.

    * `corrupt`: noise after the file type box, so that nothing can be decoded;
    * `truncated`: the index is whole, but the pictures end after 60 % of the bytes;
    * `html`: a page under a video's name; `empty`: no byte;
    * `silent`: without its sound track.
    """
    if fault == "silent":
        return _without_sound(source, target, ffmpeg)
    target.write_bytes(_broken_bytes(fault, source.read_bytes()))
    return target


def _broken_bytes(fault: str, data: bytes) -> bytes:
    if fault == "truncated":
        return data[: int(len(data) * _KEPT_SHARE)]
    if fault == "corrupt":
        noise = random.Random(0).randbytes(len(data) - _TITLE_BOX_BYTES)
        return data[:_TITLE_BOX_BYTES] + noise
    return {"html": _PAGE, "empty": b""}[fault]


def _without_sound(source: Path, target: Path, ffmpeg: Path) -> Path:
    command = [str(ffmpeg), "-nostdin", "-v", "error", "-y", "-i", str(source), "-an", "-c", "copy"]
    subprocess.run([*command, "-movflags", "+faststart", str(target)], check=True)
    return target
