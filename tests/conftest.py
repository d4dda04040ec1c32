"""What every test may use: FFmpeg on the PATH and the whole product in a running stack."""

import os
from collections.abc import Iterator

import pytest

from local.ffmpeg import ensure_ffmpeg
from local.settings import StackSettings
from local.stack import Stack


def pytest_configure() -> None:
    """FFmpeg is found as the layer's is in Lambda: by name."""
    os.environ["PATH"] = os.pathsep.join([str(ensure_ffmpeg().parent), os.environ["PATH"]])


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The product's own template, running; one per test process."""
    with Stack(StackSettings(fork=True, generation_seconds=0.3)) as running:
        yield running
