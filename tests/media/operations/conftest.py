"""One video of two seconds, made once: 48 different frames, and a tone that rises with time."""

from pathlib import Path

import pytest

from showreel.media.movie import read_movie
from showreel.media.operations.models import OperationResult, read_operation
from showreel.media.operations.perform import perform
from tests.media.decoding import make_clip

RISING = "aevalsrc=0.3*sin(2*PI*(200+200*t)*t):s=48000"


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("video") / "in.mp4", sound=RISING)


def is_as_said(made: OperationResult) -> None:
    """The length that is told is that of the frames, all equally long, from 0 on."""
    video = read_movie(made.path).picture
    assert video.seconds == pytest.approx(made.seconds, abs=1e-4)
    assert (video.frame_ticks is not None, video.start_seconds) == (True, 0)


@pytest.fixture
def do(tmp_path: Path):
    """Does an operation by its parameters with files by input, in a directory of its own."""

    def done(parameters: dict, **files: Path | list[Path]) -> OperationResult:
        given = {name: [one] if isinstance(one, Path) else one for name, one in files.items()}
        directory = tmp_path / f"{parameters['operation']}-{len(list(tmp_path.iterdir()))}"
        directory.mkdir()
        made = perform(read_operation(parameters), given, directory)
        if made.content_type == "video/mp4":
            is_as_said(made)
        return made

    return done
