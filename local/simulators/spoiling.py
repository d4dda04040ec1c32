"""Deliveries that are not what they should be."""

import random
import subprocess
from pathlib import Path

_TITLE_BOX_BYTES = 32
_KEPT_SHARE = 0.6
_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>"


_REWRITES = {
    "silent": ["-an", "-c", "copy"],
    "other_size": ["-vf", "scale=854:480,fps=30", "-preset", "ultrafast"],
    "other_codec": ["-c:v", "mpeg4", "-q:v", "5"],
    "variable_rate": ["-vf", r"select=not(mod(n\,7))+gt(mod(n\,13)\,6)", "-fps_mode", "vfr"],
}


def spoil(fault: str, source: Path, target: Path, ffmpeg: Path) -> Path:
    """Write a version of a video that nobody ordered.

    * `corrupt`: noise after the file type box, so that nothing can be decoded;
    * `truncated`: the index is whole, but the pictures end after 60 % of the bytes;
    * `html`: a page under a video's name; `empty`: no byte;
    * `silent`: without its sound track;
    * `other_size` (854 × 480 at 30 a second), `other_codec` (MPEG-4 part 2), `variable_rate`.
    """
    if fault in _REWRITES:
        return _rewritten(_REWRITES[fault], source, target, ffmpeg)
    target.write_bytes(_broken_bytes(fault, source.read_bytes()))
    return target


def _broken_bytes(fault: str, data: bytes) -> bytes:
    if fault == "truncated":
        return data[: int(len(data) * _KEPT_SHARE)]
    if fault == "corrupt":
        noise = random.Random(0).randbytes(len(data) - _TITLE_BOX_BYTES)
        return data[:_TITLE_BOX_BYTES] + noise
    return {"html": _PAGE, "empty": b""}[fault]


def _rewritten(options: list[str], source: Path, target: Path, ffmpeg: Path) -> Path:
    command = [str(ffmpeg), "-nostdin", "-v", "error", "-y", "-i", str(source), *options]
    subprocess.run([*command, "-movflags", "+faststart", str(target)], check=True)
    return target
