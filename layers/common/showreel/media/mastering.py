"""Masters sounds, as the last step: encodes at the target loudness, and measures the result.

Encoding and limiting make a sound a little quieter and its peaks higher. So the encoded sound is
measured (EBU R128, with true peaks where they may matter), and encoded again with a correction,
until it is within the tolerance.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from showreel.media.runner import OnProgress, ProcessLimits, run
from showreel.media.wav import wav_input

TARGET_LUFS = -16.0
MOST_PEAK_DECIBELS = -1.0
"""The highest true peak, which counts between samples too."""
SILENCE_LUFS = -60.0
MOST_GAIN_DECIBELS = 40.0
"""A sound of -56 LUFS still reaches the target. A higher gain would raise a recording's noise."""
TOLERANCE = 0.25
ROUNDS = 6
CEILING_DECIBELS = -1.5
LOWEST_CEILING_DECIBELS = -12.0
HEADROOM_DECIBELS = 6.0
"""How far below the highest peak samples are if they stand for the true peak: between two of them a
tone up to a third of the sampling rate rises by 6 dB at most. Measuring true peaks as well costs a
sixth of encoding.
"""
SPARE_DECIBELS = 0.15
"""By how much the limiter's ceiling is lowered more than necessary."""

AAC = ["-c:a", "aac", "-aac_coder", "fast", "-aac_pns", "0", "-aac_tns", "0", "-b:a", "160k"]
"""The fast coder halves the cost of a film; at this rate the two tools left out aren't missed."""
M4A = (*AAC, "-f", "ipod")
_PLAIN = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")
_LIMITS = ProcessLimits(seconds=240, output_bytes=1024**3)
_NUMBER = r"(-?[\d.]+|nan|-?inf)"
_LOUDNESS = re.compile(rf"^\s+I:\s+{_NUMBER} LUFS", re.MULTILINE)
_PEAK = re.compile(rf"\] Peak level dB: {_NUMBER}$", re.MULTILINE)
_HIGHEST_SAMPLE = "astats=measure_perchannel=none:measure_overall=Peak_level"
_TRUE_RATE_HERTZ = 192_000
"""Four times our rate, as ITU-R BS.1770-4 has it for true peaks."""
METER = f"ebur128=framelog=quiet,{_HIGHEST_SAMPLE}"
"""Measures the integrated loudness and the highest sample. `ebur128` would find peaks too, for
several times as much: 0.07 s of CPU for 50 s of sound instead of 0.01, true ones 0.34 instead of
0.12 (measured).
"""
TRUE_METER = (
    "ebur128=framelog=quiet,aformat=sample_fmts=fltp,"
    f"aresample={_TRUE_RATE_HERTZ},{_HIGHEST_SAMPLE}"
)
"""Measures the integrated loudness and the true peak."""


@dataclass(frozen=True)
class Mix:
    """A mix before its last gain, with its loudness `lufs`, its highest sample `peak_decibels` and
    the loudness wanted, None to leave it as it is.
    """

    path: Path
    lufs: float = -math.inf
    peak_decibels: float = -math.inf
    target_lufs: float | None = None

    @property
    def gain_decibels(self) -> float:
        """The gain to the loudness wanted, at most 40 dB; 0 for silence."""
        return 0.0 if self.target_lufs is None else gain_decibels(self.lufs, self.target_lufs)


@dataclass(frozen=True)
class Heard:
    """A meter's reading: the integrated loudness, which sounds below 0.4 s don't have, and the
    highest peak.
    """

    lufs: float
    peak_decibels: float

    @property
    def is_silence(self) -> bool:
        """Whether it is too quiet to be brought to a loudness."""
        return not self.lufs > SILENCE_LUFS


def master(mix: Mix, destination: Path, on_progress: OnProgress | None = None) -> Path:
    """Encodes a mix at its loudness. If both can't be had, the limit of the true peak takes
    precedence over the loudness. Raises Transient.
    """
    gain, ceiling = mix.gain_decibels, CEILING_DECIBELS
    for _ in range(ROUNDS):
        filters = ["-af", master_filters(mix, gain, ceiling)]
        arguments = [*wav_input(mix.path), *filters, *M4A, *_PLAIN, str(destination)]
        run(arguments, destination.parent, limits=_LIMITS, on_progress=on_progress)
        if mix.target_lufs is None:
            break
        heard = _heard(destination, min(mix.peak_decibels + gain, ceiling))
        off = 0.0 if Heard(mix.lufs, 0).is_silence else mix.target_lufs - heard.lufs
        louder = min(MOST_GAIN_DECIBELS, gain + off)
        over = heard.peak_decibels - MOST_PEAK_DECIBELS
        if over <= 0 and (abs(off) <= TOLERANCE or louder == gain):
            break
        gain = louder
        if over > 0:
            ceiling = max(LOWEST_CEILING_DECIBELS, ceiling - over - SPARE_DECIBELS)
    return destination


def _heard(encoded: Path, likely_peak_decibels: float) -> Heard:
    """Returns a sound's reading, without true peaks if its samples are far below the limit."""
    far = MOST_PEAK_DECIBELS - HEADROOM_DECIBELS
    if likely_peak_decibels <= far and (heard := measure(encoded, METER)).peak_decibels <= far:
        return heard
    return measure(encoded)


def measure(sound: Path, meter: str = TRUE_METER) -> Heard:
    """Returns the reading of an encoded sound of ours, as players decode it."""
    filters = f"asetnsamples=n=16384:p=0,{meter}"
    output = ["-map", "0:a:0", "-af", filters, "-c:a", "pcm_f32le", "-f", "null", "-"]
    opened = ["-protocol_whitelist", "file", "-f", "mov", "-i", str(sound)]
    return reading(run([*opened, *output], sound.parent, limits=_LIMITS))


def reading(log: str) -> Heard:
    """Returns the reading in FFmpeg's log."""
    lufs, peaks = _LOUDNESS.findall(log), _PEAK.findall(log)
    return Heard(*(float(found[-1]) if found else -math.inf for found in (lufs, peaks)))


def gain_decibels(measured_lufs: float, target_lufs: float) -> float:
    """Returns the gain to the target, at most 40 dB; 0 for silence."""
    if Heard(measured_lufs, 0).is_silence:
        return 0.0
    return min(MOST_GAIN_DECIBELS, target_lufs - measured_lufs)


def master_filters(mix: Mix, gain: float, ceiling: float = CEILING_DECIBELS) -> str:
    """Returns the filters of the last gain, and if needed of a limiter that keeps samples below the
    ceiling without a delay.
    """
    if mix.target_lufs is None:
        return "anull"
    louder = f"volume={gain:.2f}dB"
    if mix.peak_decibels + gain < ceiling:
        return louder
    limit = 10 ** (ceiling / 20)
    return f"{louder},alimiter=limit={limit:.4f}:attack=5:release=80:level=0:latency=1"
