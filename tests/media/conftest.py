"""FFmpeg on the PATH, one small profile, and a few clips made once for all tests.

What a test costs are its pixels: frames are as small as its point allows.
"""

import os
from dataclasses import dataclass

import pytest

from local.lambdas.ffmpeg import ensure_ffmpeg
from showreel.media.normalise import NormalisedClip, normalise_clip
from showreel.media.profile import Profile
from tests.media.decoding import make_clip

FRAMES = 48
"""Length of a test clip: two seconds."""


@pytest.fixture(scope="session", autouse=True)
def _ffmpeg_on_path() -> None:
    os.environ["PATH"] = f"{ensure_ffmpeg().parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def profile() -> Profile:
    return Profile(width=160, height=90, fps=24)


@dataclass(frozen=True)
class Clips:
    """Normalised clips: two with a tone each, one silent."""

    low: NormalisedClip
    high: NormalisedClip
    silent: NormalisedClip


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Clips:
    def made(name: str, source: str, sound: str | None) -> NormalisedClip:
        directory = tmp_path_factory.mktemp(name)
        clip = make_clip(directory / "in.mp4", fps=30, size="320x180", source=source, sound=sound)
        return normalise_clip(clip, directory, profile, expected_frames=FRAMES)

    return Clips(
        low=made("low", "testsrc2", "sine=330:r=48000"),
        high=made("high", "testsrc", "sine=880:r=48000"),
        silent=made("silent", "rgbtestsrc", None),
    )
