"""The built-in tracks as they are committed: complete, small, loud enough, seamless."""

import json
import operator
import re
import subprocess
from array import array
from typing import Any

import pytest

from local.lambdas.ffmpeg import ensure_ffmpeg
from local.settings import ROOT

FOLDER = ROOT / "layers" / "common" / "showreel" / "music" / "tracks"
TRACKS: list[dict[str, Any]] = json.loads((FOLDER / "tracks.json").read_text())["tracks"]


def ffmpeg(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [str(ensure_ffmpeg()), "-nostdin", "-hide_banner", *arguments]
    return subprocess.run(command, capture_output=True, check=True)


def test_there_are_at_least_five_of_different_moods() -> None:
    assert len(TRACKS) >= 5
    assert len({track["mood"] for track in TRACKS}) == len(TRACKS)
    assert {track["file"] for track in TRACKS} == {path.name for path in FOLDER.glob("*.m4a")}


@pytest.mark.deep  # they change with tools/music alone
@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track["id"])
def test_a_track_is_small_loud_enough_and_seamless(track: dict[str, Any]) -> None:
    path = FOLDER / track["file"]
    assert path.stat().st_size < 600_000
    measured = ffmpeg("-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-").stderr
    loudness = float(re.findall(rb"I:\s+(-?[\d.]+) LUFS", measured)[-1])
    peak = float(re.findall(rb"Peak:\s+(-?[\d.]+) dBFS", measured)[-1])
    assert loudness == pytest.approx(-16, abs=0.6)
    assert peak < -1
    raw = ffmpeg("-i", str(path), "-ac", "1", "-ar", "48000", "-f", "s16le", "-").stdout
    sound = array("h", raw)
    assert len(sound) / 48000 == pytest.approx(track["duration_seconds"], abs=0.03)
    largest = max(map(abs, map(operator.sub, sound[1:], sound)))
    assert abs(sound[0] - sound[-1]) <= 1.5 * largest
