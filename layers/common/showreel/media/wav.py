"""Reads and writes plain WAV files: 48 kHz, 16-bit stereo, with a header of 44 bytes."""

import struct
from array import array
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.profile import Profile

SAMPLE_RATE_HERTZ = 48_000
BYTES_PER_SAMPLE = 4
"""Of both channels together."""
HEADER_BYTES = 44

_LAYOUT = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT = (16, 1, 2, SAMPLE_RATE_HERTZ, SAMPLE_RATE_HERTZ * BYTES_PER_SAMPLE, BYTES_PER_SAMPLE, 16)


def samples(profile: Profile, frames: int) -> int:
    """Returns the number of samples that last as long as `frames`."""
    return round(frames * SAMPLE_RATE_HERTZ / profile.fps)


def length(path: Path) -> int:
    """Returns the number of samples in a file."""
    return (path.stat().st_size - HEADER_BYTES) // BYTES_PER_SAMPLE


def wav_input(path: Path) -> list[str]:
    """Returns arguments that open a WAV file of ours, with 16-bit or float samples.

    FFmpeg would read a second of 16-bit samples to find a hidden codec, which costs as much as
    mixing that second; with so little to probe it trusts the header.
    """
    return ["-probesize", "32", "-f", "wav", "-i", str(path)]


def write_silence(path: Path, total: int) -> None:
    """Writes `total` zero samples as a sparse file, which takes no space."""
    size = total * BYTES_PER_SAMPLE
    header = _LAYOUT.pack(
        b"RIFF", HEADER_BYTES - 8 + size, b"WAVE", b"fmt ", *_FORMAT, b"data", size
    )
    with path.open("wb") as file:
        file.write(header)
        file.truncate(HEADER_BYTES + size)


def read(path: Path, total: int) -> "array[int]":
    """Returns the first `total` samples, with silence after the file's end. Raises MediaError."""
    with path.open("rb") as file:
        header = _LAYOUT.unpack(file.read(HEADER_BYTES).ljust(HEADER_BYTES, b"\0"))
        if header[4:11] != _FORMAT or header[11] != b"data":
            raise MediaError("The sound is not 48 kHz 16 bit stereo", code="media_mismatch")
        body = file.read(total * BYTES_PER_SAMPLE)
    return array("h", body.ljust(total * BYTES_PER_SAMPLE, b"\0"))
