"""Instruments and effects on a loop: everything wraps around, so that the end runs into the start.

Sound is float32 in -1..1 at 48 kHz; a loop is (2, n). Times are seconds, pitches MIDI numbers
(60 is middle C), `force` is 0..1.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

type Sound = npt.NDArray[Any]

RATE = 48000
AAC_FRAME = 1024
"""Samples a packet: a loop of whole packets has no padding, so it repeats without a gap."""


def hertz(pitch: float) -> float:
    """Returns the frequency of a MIDI pitch."""
    return float(440 * 2 ** ((pitch - 69) / 12))


def clock(seconds: float) -> Sound:
    """Sample times of a note."""
    return np.arange(int(seconds * RATE), dtype=np.float32) / np.float32(RATE)


def fade_edges(sound: Sound, attack: float = 0.002, release: float = 0.02) -> Sound:
    """Ramps that keep a note from clicking."""
    first, last = max(1, int(attack * RATE)), max(1, int(release * RATE))
    shaped = sound.copy()
    shaped[:first] *= np.linspace(0, 1, first, dtype=np.float32)
    shaped[-last:] *= np.linspace(1, 0, last, dtype=np.float32)
    return shaped


@cache
def piano(pitch: int, force: float, seconds: float = 5.0) -> Sound:
    """Returns a felt piano: stretched partials, the higher the shorter; two strings, a
    soft hammer.
    """
    t, base = clock(seconds), hertz(pitch)
    total = np.zeros_like(t)
    bright = 0.35 + 0.5 * force
    for partial in range(1, 15):
        frequency = base * partial * math.sqrt(1 + 0.00025 * partial**2)
        if frequency > 9000:
            break
        level = bright ** (partial - 1) / partial**0.6 * abs(math.sin(math.pi * partial / 7.3))
        decay = np.exp(-t * np.float32((0.55 + 0.28 * partial) * (base / 262) ** 0.45))
        for detune, phase in ((0.99975, 0.0), (1.0003, 1.1)):
            total += (
                np.float32(level)
                * decay
                * np.sin(2 * np.pi * frequency * detune * t + phase).astype(np.float32)
            )
    knock = _noise(int(0.03 * RATE), pitch) * np.exp(-clock(0.03) * 180)
    total[: knock.size] += band(knock, 200, 1800) * np.float32(0.25 * force)
    return fade_edges(total * np.float32(force**1.3 * 0.5), 0.003, 0.25)


@cache
def electric_piano(pitch: int, force: float, seconds: float = 2.2) -> Sound:
    """Returns a tine piano by phase modulation, with a slow tremolo."""
    t, base = clock(seconds), hertz(pitch)
    tine = np.sin(2 * np.pi * base * 14 * t) * np.exp(-t * 14) * np.float32(0.35 * force)
    body = np.sin(2 * np.pi * base * t) * np.exp(-t * 1.6) * np.float32(1.3 * force)
    wave = np.sin(2 * np.pi * base * t + body) + np.sin(
        2 * np.pi * base * 1.001 * t + tine
    ) * np.float32(0.5)
    tremolo = 1 - 0.12 * np.sin(2 * np.pi * 4.6 * t)
    return fade_edges(
        (wave * tremolo * np.exp(-t * 1.35) * np.float32(0.32 * force)).astype(np.float32),
        0.004,
        0.1,
    )


@cache
def string_pluck(pitch: int, force: float, seconds: float = 2.6, damping: float = 0.5) -> Sound:
    """Returns a plucked steel string: a burst of noise going round a lossy loop (Karplus and
    Strong).
    """
    period = RATE / hertz(pitch)
    length = int(period)
    burst = band(_noise(length * 4, pitch * 7 + 1), 60, 1800 + 4500 * force)[:length]
    burst = burst - burst.mean()
    burst = burst - 0.6 * np.roll(burst, length // 5)
    periods = int(seconds * RATE / length) + 2
    loss = np.float32(0.9965 - 0.0024 * (pitch - 40) / 40)
    rounds: Sound = np.empty((periods, length), np.float32)
    for number in range(periods):
        rounds[number] = burst
        burst = loss * (
            np.float32(1 - damping / 2) * burst + np.float32(damping / 2) * np.roll(burst, 1)
        )
    raw = rounds.ravel()
    stretched = np.interp(
        np.arange(int(seconds * RATE)) * (length / period), np.arange(raw.size), raw
    )
    peak = float(np.abs(stretched).max()) or 1.0
    return fade_edges((stretched / peak * force * 0.55).astype(np.float32), 0.001, 0.1)


@cache
def mallet(pitch: int, force: float, seconds: float = 1.6) -> Sound:
    """Returns a wooden bar with its tuned overtones."""
    t, base = clock(seconds), hertz(pitch)
    total = np.zeros_like(t)
    for ratio, level, decay in ((1, 1.0, 3.2), (3.93, 0.28 * force, 9), (9.2, 0.1 * force, 22)):
        if base * ratio < 14000:
            total += (
                np.float32(level)
                * np.sin(2 * np.pi * base * ratio * t).astype(np.float32)
                * np.exp(-t * decay)
            )
    return fade_edges(total * np.float32(force * 0.5), 0.002, 0.1)


@cache
def strings(pitch: int, seconds: float, bright: float = 0.5) -> Sound:
    """Returns a slow ensemble: detuned saws of few partials that swell and fade."""
    t, base = clock(seconds), hertz(pitch)
    total = np.zeros_like(t)
    for number, cents in enumerate((-9, -4, 0, 5, 10)):
        drift = 0.004 * np.sin(2 * np.pi * (0.11 + 0.05 * number) * t + number)
        phase = 2 * np.pi * base * 2 ** (cents / 1200) * t + drift * base / 20 + number * 1.7
        for partial in range(1, max(2, int(min(12, 5000 / base)))):
            total += (np.sin(partial * phase) * (bright ** (partial - 1) / partial)).astype(
                np.float32
            )
    swell = np.sin(np.pi * np.clip(t / seconds, 0, 1)) ** 0.7
    return fade_edges((total * swell * 0.1).astype(np.float32), 0.05, 0.05)


@cache
def bass(pitch: int, force: float, seconds: float, drive: float = 1.5) -> Sound:
    """Returns a round bass with a little saturation."""
    t, base = clock(seconds), hertz(pitch)
    wave = (
        np.sin(2 * np.pi * base * t)
        + 0.35 * np.sin(4 * np.pi * base * t) * np.exp(-t * 6)
        + 0.12 * np.sin(6 * np.pi * base * t) * np.exp(-t * 9)
    )
    shaped = np.tanh(wave * drive) * np.exp(-t * 0.9) * force * 0.5
    return fade_edges(shaped.astype(np.float32), 0.006, 0.05)


@cache
def organ_stab(pitch: int, force: float, seconds: float = 0.42) -> Sound:
    """Returns a short drawbar chord tone as house music likes it."""
    t, base = clock(seconds), hertz(pitch)
    total = np.zeros_like(t)
    for ratio, level in ((0.5, 0.35), (1, 1), (2, 0.55), (3, 0.4), (4, 0.22), (6, 0.12)):
        total += np.float32(level) * np.sin(2 * np.pi * base * ratio * t + ratio).astype(np.float32)
    return fade_edges(np.tanh(total * 0.8) * np.exp(-t * 5) * np.float32(force * 0.35), 0.003, 0.06)


@cache
def kick(force: float = 1.0, low: float = 46, soft: bool = False) -> Sound:
    """Returns a bass drum: a falling sine and a click."""
    t = clock(0.34)
    drop = (
        low * t
        + (0.02 if soft else 0.03)
        * (150 if soft else 260)
        * (1 - np.exp(-t / (0.02 if soft else 0.03)))
        / 1.6
    )
    body = np.sin(2 * np.pi * drop) * np.exp(-t * 11)
    click = _noise(t.size, 3) * np.exp(-t * (600 if soft else 300)) * (0.06 if soft else 0.16)
    return fade_edges(
        (np.tanh((body + click) * 1.4) * force * 0.75).astype(np.float32), 0.001, 0.05
    )


@cache
def snare(force: float = 1.0, seed: int = 5, clap: bool = False) -> Sound:
    """Returns a snare with a tone, or a clap of four bursts."""
    t = clock(0.28)
    noise = band(_noise(t.size, seed), 900 if clap else 400, 7500 if clap else 9000)
    if clap:
        shape = sum(
            np.exp(-np.maximum(t - d, 0) * (220 if d < 0.028 else 20)) * (t >= d)
            for d in (0, 0.011, 0.021, 0.03)
        )
        return fade_edges((noise * shape * force * 0.33).astype(np.float32), 0.001, 0.05)
    tone = np.sin(2 * np.pi * 185 * t) * np.exp(-t * 28) * 0.5
    return fade_edges(
        ((noise * np.exp(-t * 17) * 0.8 + tone) * force * 0.5).astype(np.float32), 0.001, 0.05
    )


@cache
def hat(force: float = 1.0, seconds: float = 0.06, seed: int = 9) -> Sound:
    """Returns a hi-hat, or a shaker if it is long and soft."""
    t = clock(max(0.05, seconds * 2))
    noise = band(_noise(t.size, seed), 6500, 15000)
    return fade_edges(
        (noise * np.exp(-t / seconds * 2.2) * force * 0.3).astype(np.float32), 0.0015, 0.01
    )


def crackle(samples: int, seed: int) -> Sound:
    """Returns the surface of an old record."""
    random = np.random.default_rng(seed)
    pops = np.where(random.random(samples) < 9 / RATE, random.normal(0, 1, samples), 0)
    hiss = random.normal(0, 0.012, samples)
    return (
        band(pops.astype(np.float32), 700, 7000) * 0.5
        + band(hiss.astype(np.float32), 300, 6000) * 0.5
    ).astype(np.float32)


def _noise(samples: int, seed: int) -> Sound:
    return np.random.default_rng(seed).normal(0, 0.5, samples).astype(np.float32)


def band(sound: Sound, low: float, high: float) -> Sound:
    """Keeps what lies between two frequencies, with gentle slopes; wraps around."""
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(sound.shape[-1], 1 / RATE) + 1e-3
    gain = 1 / (1 + (low / frequency) ** 4) / (1 + (frequency / high) ** 4)
    return np.fft.irfft(spectrum * gain, sound.shape[-1]).astype(np.float32)


def reverb(loop: Sound, seconds: float, amount: float, seed: int = 1, dark: float = 3800) -> Sound:
    """Adds a hall: convolution with decaying noise around the loop, different left and right."""
    size = loop.shape[1]
    random = np.random.default_rng(seed)
    t = np.arange(min(size, int(seconds * 1.6 * RATE))) / RATE
    wet = np.empty_like(loop)
    for side in (0, 1):
        response = (
            random.normal(0, 1, t.size) * np.exp(-t * 6.9 / seconds) * np.clip(t / 0.018, 0, 1)
        )
        response = band(response.astype(np.float32), 180, dark)
        response = response / np.sqrt((response**2).sum())
        spectrum = np.fft.rfft(loop[side] * 0.8 + loop[1 - side] * 0.2) * np.fft.rfft(
            response, size
        )
        wet[side] = np.fft.irfft(spectrum, size)
    return (loop + wet * np.float32(amount)).astype(np.float32)


def echo(loop: Sound, seconds: float, amount: float, times: int = 4) -> Sound:
    """Repeats that wander from side to side and wrap around."""
    total, step = loop.copy(), int(seconds * RATE)
    for number in range(1, times + 1):
        moved = np.roll(loop, number * step, axis=1)
        total += (moved[::-1] if number % 2 else moved) * np.float32(amount**number)
    return total


def duck(loop: Sound, beat_seconds: float, depth: float) -> Sound:
    """Makes room for the kick on each beat."""
    phase = (np.arange(loop.shape[1]) / RATE / beat_seconds) % 1
    return (loop * (1 - depth * np.exp(-phase * 5.0) * np.clip(phase * 60, 0, 1))).astype(
        np.float32
    )


class Loop:
    """A stretch of bars to put notes into; what rings past the end goes on at the start."""

    def __init__(self, beats_per_minute: float, beats: int) -> None:
        frames = round(beats * 60 / beats_per_minute * RATE / AAC_FRAME)
        self.sound: Sound = np.zeros((2, frames * AAC_FRAME), np.float32)
        self.beat_seconds = frames * AAC_FRAME / RATE / beats

    def add(self, beat: float, note: Sound, level: float = 1.0, pan: float = 0.0) -> None:
        """Mixes a note in at a beat; `pan` is -1 (left) to 1 (right), equal power."""
        size = self.sound.shape[1]
        start = round(beat * self.beat_seconds * RATE) % size
        angle = (pan + 1) * math.pi / 4
        places: Sound = (start + np.arange(note.size)) % size
        for side, gain in ((0, math.cos(angle)), (1, math.sin(angle))):
            np.add.at(self.sound[side], places, note * np.float32(level * gain * 1.414))
