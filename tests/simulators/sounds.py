"""What a delivered sound really is, found out by decoding it."""

import re
import subprocess
from array import array
from dataclasses import dataclass
from pathlib import Path

from local.lambdas.ffmpeg import ensure_ffmpeg

_DECODED_HERTZ = 16_000


@dataclass(frozen=True)
class Sound:
    """A decoded sound, mixed to one channel, and what FFmpeg says of the file."""

    samples: "array[int]"
    report: str

    @property
    def seconds(self) -> float:
        return len(self.samples) / _DECODED_HERTZ

    @property
    def loudest(self) -> int:
        return max((abs(sample) for sample in self.samples), default=0)

    def form(self) -> tuple[int, int]:
        """Samples and kilobits a second."""
        found = re.search(r"Audio: mp3.*?, (\d+) Hz, .*?, (\d+) kb/s", self.report)
        assert found, self.report
        return int(found[1]), int(found[2])


def decoded(source: bytes | Path) -> Sound:
    """Decode as MP3, whatever it is called."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    raw = ["-ac", "1", "-ar", str(_DECODED_HERTZ), "-f", "s16le", "-"]
    command = [str(ensure_ffmpeg()), "-hide_banner", "-f", "mp3", "-i", "pipe:0", *raw]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    return Sound(array("h", done.stdout), done.stderr.decode(errors="replace"))
