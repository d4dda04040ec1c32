"""Sounds alone: decoded to WAV files of an exact length, changed there, encoded once."""

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from showreel.media.mastering import M4A
from showreel.media.normalise import sound_arguments
from showreel.media.operations.models import OperationResult
from showreel.media.operations.sources import Source
from showreel.media.runner import run
from showreel.media.wav import BYTES_PER_SAMPLE, HEADER_BYTES, SAMPLE_RATE_HERTZ, length, wav_input

SoundFormat = Literal["mp3", "m4a", "wav"]
FORMATS: dict[SoundFormat, tuple[str, Sequence[str]]] = {
    "mp3": ("audio/mpeg", ("-c:a", "libmp3lame", "-b:a", "192k", "-f", "mp3")),
    "m4a": ("audio/mp4", M4A),
    "wav": ("audio/wav", ("-c:a", "copy", "-f", "wav")),
}
STEREO = "pan=stereo|FL<FL+0.7FC+0.7BL+0.7SL|FR<FR+0.7FC+0.7BR+0.7SR"
"""Mixes to stereo. Mono is as loud in both channels as before; FFmpeg's default takes 3 dB off."""
_BLOCK = SAMPLE_RATE_HERTZ * 10
_PLAIN = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")


def samples_of(seconds: float) -> int:
    """Returns the number of samples in so many seconds, at least one."""
    return max(1, round(seconds * SAMPLE_RATE_HERTZ))


def decode(source: Source, destination: Path, total: int, filters: Sequence[str] = ()) -> Path:
    """Writes `total` samples of the source's sound after the filters. Raises MediaError."""
    output = [*sound_arguments(total, [STEREO, *filters]), str(destination)]
    run([*source.opened(), *output], destination.parent)
    return destination


def write_sound(wav: Path, destination: Path, form: SoundFormat) -> OperationResult:
    """Encodes a WAV file of ours."""
    content_type, arguments = FORMATS[form]
    run(
        [*wav_input(wav), "-map", "0:a:0", *arguments, *_PLAIN, str(destination)],
        destination.parent,
    )
    return OperationResult(destination, content_type, seconds=length(wav) / SAMPLE_RATE_HERTZ)


def reverse_samples(wav: Path, destination: Path) -> Path:
    """Writes the samples in reverse, a block at a time."""
    total = length(wav)
    with wav.open("rb") as given, destination.open("wb") as made:
        made.write(given.read(HEADER_BYTES))
        for end in range(total, 0, -_BLOCK):
            start = max(0, end - _BLOCK)
            given.seek(HEADER_BYTES + start * BYTES_PER_SAMPLE)
            block = array("I", given.read((end - start) * BYTES_PER_SAMPLE))
            block.reverse()  # both channels of a sample are one number
            made.write(block.tobytes())
    return destination
