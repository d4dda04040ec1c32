"""Copies files between the bucket and a directory, several at a time."""

import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from showreel.assets.service import storage

CONTENT_TYPES = {".mp4": "video/mp4", ".wav": "audio/wav", ".jpg": "image/jpeg"}
AT_ONCE = 8


@contextmanager
def workdir() -> Iterator[Path]:
    """Provides a directory that is removed when the block ends."""
    with tempfile.TemporaryDirectory(prefix="showreel-") as path:
        yield Path(path)


def download(files: Mapping[Path, str]) -> None:
    """Copies objects to local files. Raises NotFound, Transient."""

    def fetch(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage().get_file(files[path], path)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(fetch, files))


def upload(files: Mapping[str, Path]) -> None:
    """Copies local files to objects. Raises Transient."""

    def send(key: str) -> None:
        storage().put_file(key, files[key], CONTENT_TYPES[files[key].suffix])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send, files))
