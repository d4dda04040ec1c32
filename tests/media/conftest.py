"""FFmpeg on the PATH, and small clips with every property that deliveries were seen to have."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from local.ffmpeg import ensure_ffmpeg

Make = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def _ffmpeg_on_path() -> None:
    os.environ["PATH"] = f"{ensure_ffmpeg().parent}{os.pathsep}{os.environ['PATH']}"
