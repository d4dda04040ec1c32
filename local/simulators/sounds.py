"""Sounds that simulated vendors deliver: real files, made by FFmpeg, kept by what they are made of.

Speech is a buzz in the voice's pitch that opens and closes like syllables and pauses like
sentences; an effect is coloured noise; music is chords in a tempo. What is longer repeats.
"""

import hashlib
import os
import subprocess
import threading
from collections import defaultdict
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal

from local.simulators.config import SimulatorConfig

SoundKind = Literal["speech", "effect", "music"]
_RECIPE = "3"
_POLITENESS = 5
_DRAWN_SECONDS, _DRAWN_RATE = 8, 11_025
"""How much of speech and music is computed sample by sample, and how finely: both are low."""
_CHORDS = (0, -4, 3, -2)
"""Semitones of the chords' roots above the first one."""


@dataclass(frozen=True)
class SoundOrder:
    """What a sound is made of; `character` decides how it sounds, the same for the same text."""

    kind: SoundKind
    seconds: float
    character: str
    sample_rate: int
    kilobits: int


class Sounds:
    """Turns orders into MP3 files under the data directory, each one once."""

    def __init__(self, config: SimulatorConfig) -> None:
        self._config = config
        self._folder = config.data_dir / "sounds"
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def make(self, order: SoundOrder) -> Path:
        """Returns the finished file."""
        path = self._folder / f"{_content_key(order)}.mp3"
        with self._locks[path.name]:
            if not path.exists():
                self._render(order, path)
        return path

    def _render(self, order: SoundOrder, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"unfinished-{os.getpid()}-{path.name}")
        source = ["-f", "lavfi", "-i", _source(order), "-t", f"{order.seconds:.3f}"]
        codec = ["-ar", str(order.sample_rate), "-c:a", "libmp3lame", "-b:a", f"{order.kilobits}k"]
        command = [str(self._config.ffmpeg), "-nostdin", "-v", "error", "-y", *source, *codec]
        nice = ["nice", "-n", str(_POLITENESS)]
        subprocess.run([*nice, *command, str(unfinished)], check=True)
        unfinished.replace(path)


def _content_key(order: SoundOrder) -> str:
    return hashlib.sha256(repr((_RECIPE, *astuple(order))).encode()).hexdigest()


def _source(order: SoundOrder) -> str:
    """Returns a graph without inputs for FFmpeg's `lavfi`."""
    numbers = hashlib.sha256(order.character.encode(errors="replace")).digest()
    build = {"speech": _speech, "effect": _effect, "music": _music}[order.kind]
    return build(numbers)


def _speech(numbers: bytes) -> str:
    pitch = 95 + numbers[0] / 2
    syllables = 3.5 + numbers[1] / 255
    opening = (
        f"(0.5+0.5*sin(2*PI*{syllables:.2f}*t))*gt(mod(t\\,{2.5 + numbers[2] / 200:.2f})\\,0.3)"
    )
    buzz = f"0.6*(2*mod({pitch:.1f}*t\\,1)-1)*{opening}"
    voice = "bandpass=f=700:width_type=h:w=900,vibrato=f=5:d=0.15,volume=2"
    return f"{_repeated(buzz)},{voice}"


def _effect(numbers: bytes) -> str:
    colour = ("white", "pink", "brown")[numbers[0] % 3]
    noise = f"anoisesrc=color={colour}:amplitude=0.5:seed={numbers[1]}"
    return f"{noise},lowpass=f={300 + 20 * numbers[2]},tremolo=f={0.5 + numbers[3] / 64:.2f}:d=0.6"


def _music(numbers: bytes) -> str:
    root, beats = 110 * 2 ** (numbers[0] % 12 / 12), 1.4 + numbers[1] / 255
    bar = f"floor(mod(t*{beats / 4:.3f}\\,4))"
    steps = "+".join(f"{step}*eq({bar}\\,{place})" for place, step in enumerate(_CHORDS) if step)
    tone = f"2*PI*{root:.2f}*pow(2\\,({steps})/12)*t"
    chord = "sin(ld(0))+0.7*sin(1.25*ld(0))+0.6*sin(1.5*ld(0))+0.5*sin(3*ld(0))"
    pulse = f"exp(-2.5*mod(t*{beats:.3f}\\,1))"
    return _repeated(f"st(0\\,{tone});0.22*({chord})*{pulse}")


def _repeated(formula: str) -> str:
    drawn = f"aevalsrc='{formula}':s={_DRAWN_RATE}:d={_DRAWN_SECONDS}"
    return f"{drawn},aloop=loop=-1:size={_DRAWN_SECONDS * _DRAWN_RATE}"
