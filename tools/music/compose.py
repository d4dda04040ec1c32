"""Plays, masters and encodes the built-in tracks: `python -m tools.music.compose [id ...]`.

The same code gives the same sound. Writes `<id>.m4a` (AAC, 96 kbit/s, stereo, a seamless loop) and
`tracks.json` where the product looks for them. Needs NumPy, a development tool only.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from local.lambdas.ffmpeg import ensure_ffmpeg
from local.settings import ROOT
from tools.music.synth import RATE, Sound, band
from tools.music.tracks import TRACKS, Track

FOLDER = ROOT / "layers" / "common" / "showreel" / "music" / "tracks"
LOUDNESS_LUFS = -16.0
CEILING = 0.84
"""Peak after mastering, about -1.5 dBFS: AAC overshoots a little."""


def main(names: list[str]) -> None:
    """Composes the named tracks, or all, and lists them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for track in TRACKS:
        if not names or track.id in names:
            _encode(master(track.play()), FOLDER / f"{track.id}.m4a")
    entries = [_entry(track) for track in TRACKS]
    (FOLDER / "tracks.json").write_text(json.dumps({"tracks": entries}, indent=2) + "\n")


def master(loop: Sound) -> Sound:
    """Cleans the bottom, brings the loop to the target loudness, and rounds off its peaks."""
    loop = band(loop, 32, 17000)
    for _ in range(3):
        loop = _limited(loop * np.float32(10 ** ((LOUDNESS_LUFS - _loudness(loop)) / 20)))
    return loop


def _limited(loop: Sound) -> Sound:
    """Linear up to half the ceiling, then a smooth knee."""
    knee = CEILING * 0.55
    over = np.maximum(np.abs(loop) - knee, 0)
    rounded = knee + (CEILING - knee) * np.tanh(over / (CEILING - knee))
    return np.where(over > 0, np.sign(loop) * rounded, loop).astype(np.float32)


def _loudness(loop: Sound) -> float:
    """Integrated loudness in LUFS, by FFmpeg's EBU R128 meter."""
    command = [
        str(ensure_ffmpeg()),
        "-nostdin",
        "-hide_banner",
        *_raw_input(),
        "-af",
        "ebur128",
        "-f",
        "null",
        "-",
    ]
    done = subprocess.run(command, input=_raw(loop), capture_output=True, check=True)
    found = re.findall(r"I:\s+(-?[\d.]+) LUFS", done.stderr.decode())
    return float(found[-1])


def _encode(loop: Sound, path: Path) -> None:
    command = [
        str(ensure_ffmpeg()),
        "-nostdin",
        "-hide_banner",
        "-loglevel",
        "error",
        "-y",
        *_raw_input(),
    ]
    command += [
        "-c:a",
        "aac",
        "-b:a",
        "96k",
        "-map_metadata",
        "-1",
        "-fflags",
        "+bitexact",
        "-flags:a",
        "+bitexact",
    ]
    command += ["-movflags", "+faststart", str(path)]
    subprocess.run(command, input=_raw(loop), check=True)
    print(f"{path.name}: {loop.shape[1] / RATE:.1f} s, {path.stat().st_size / 1000:.0f} kB")


def _raw_input() -> list[str]:
    return ["-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", "pipe:0"]


def _raw(loop: Sound) -> bytes:
    return np.ascontiguousarray(loop.T).astype("<f4").tobytes()


def _entry(track: Track) -> dict[str, str | int | float]:
    return {
        "id": track.id,
        "name": track.name,
        "mood": track.mood,
        "description": track.description,
        "tempo_bpm": track.tempo_bpm,
        "duration_seconds": round(track.beats * 60 / track.tempo_bpm, 2),
        "file": f"{track.id}.m4a",
        "license": "Apache-2.0, composed by the project's own code",
    }


if __name__ == "__main__":
    main(sys.argv[1:])
