"""The FFmpeg binary that functions with the FFmpeg layer find on their PATH here."""

import contextlib
import os
from pathlib import Path

from local.settings import ROOT


def ensure_ffmpeg() -> Path:
    """`.local/bin/ffmpeg`, made if missing: a link to imageio-ffmpeg's static binary."""
    import imageio_ffmpeg  # half the stack's users never need it

    binary = Path(imageio_ffmpeg.get_ffmpeg_exe())
    link = ROOT / ".local" / "bin" / "ffmpeg"
    if not link.exists() or link.resolve() != binary.resolve():
        _link(link, binary)
    return link


def _link(link: Path, binary: Path) -> None:
    """Makes or replaces the link in one step, so that processes in parallel may do the same."""
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f"ffmpeg.{os.getpid()}")
    with contextlib.suppress(FileExistsError):
        fresh.symlink_to(binary)
    fresh.replace(link)
