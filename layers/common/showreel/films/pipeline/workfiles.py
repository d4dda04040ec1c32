"""The files of a run between its steps: `work/<run id>/<piece>/<file>` in the media bucket."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showreel.assets.service import storage
from showreel.films.pipeline.pieces import PieceKind, piece_name
from showreel.films.pipeline.plan import Plan
from showreel.media.profile import Profile

CONTENT_TYPES = {".mp4": "video/mp4", ".m4a": "audio/mp4", ".wav": "audio/wav"}
CONTENT_TYPES |= {".jpg": "image/jpeg", ".json": "application/json"}


def profile(plan: Plan) -> Profile:
    """The film's profile, fixed by the plan."""
    return Profile.of(plan.aspect_ratio, plan.resolution, plan.frames_per_second)


@contextmanager
def workdir() -> Iterator[Path]:
    """A directory of this call's own, gone when it ends."""
    with tempfile.TemporaryDirectory(prefix="showreel-") as path:
        yield Path(path)


def piece_prefix(run_id: str, kind: PieceKind, index: int) -> str:
    """Where a piece's files are."""
    return f"work/{run_id}/{piece_name(kind, index).replace('#', '-')}"


def frame_key(run_id: str, clip_index: int, which: str) -> str:
    """The `first` or `last` frame of a finished clip."""
    return f"{piece_prefix(run_id, 'clip', clip_index)}/{which}.jpg"


def upload(prefix: str, *paths: Path) -> None:
    """Copies files to the bucket under their own names."""
    for path in paths:
        storage().put_file(f"{prefix}/{path.name}", path, CONTENT_TYPES[path.suffix])


def download(prefix: str, directory: Path, *names: str) -> Path:
    """Copies files from the bucket; returns the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        storage().get_file(f"{prefix}/{name}", directory / name)
    return directory
