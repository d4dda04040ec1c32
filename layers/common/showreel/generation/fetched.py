"""Media that a job names by URL: fetched once, checked as far as possible without FFmpeg, and
stored under keys of the job, so that every attempt gives a vendor the same.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from showreel.assets.audio import MAGIC_BYTES, audio_type, video_type
from showreel.assets.keys import EXTENSIONS
from showreel.assets.models import MAX_IMAGE_BYTES
from showreel.assets.service import fetch_media, storage
from showreel.core.errors import MediaError
from showreel.generation.models import InputMedia, InputUrl, Job

JPEG = "image/jpeg"
TYPES: Mapping[str, tuple[str, ...]] = {
    "image": (JPEG,),
    "video": ("video/mp4", "video/quicktime", "video/webm"),
    "audio": ("audio/mpeg", "audio/mp4", "audio/wav"),
}
_READ: Mapping[str, Callable[[bytes], str]] = {"video": video_type, "audio": audio_type}


def fetched(job: Job, url: str) -> bytes:
    """Returns the picture at a URL, unchecked. Raises InvalidInput."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media"
        fetch_media(job.workspace_id, url, job.public_base_url, path)
        if path.stat().st_size > MAX_IMAGE_BYTES:
            raise MediaError("The picture is larger than 20 MB", code="media_too_large")
        return path.read_bytes()


def fetch_all(job: Job) -> None:
    """Fetches the media that aren't stored yet. Raises InvalidInput for one that can't be used."""
    for index, one in enumerate(job.wanted.input_urls):
        if _found(job, index, one) is None:
            _fetch(job, index, one)


def fetched_media(job: Job) -> Iterator[InputMedia]:
    """Yields the stored media's keys with their paths in the inputs; missing ones are left out."""
    for index, one in enumerate(job.wanted.input_urls):
        key = _found(job, index, one)
        if key is not None:
            yield InputMedia(path=one.path, key=key)


def _found(job: Job, index: int, one: InputUrl) -> str | None:
    keys = (_key(job, index, content_type) for content_type in TYPES[one.kind])
    return next((key for key in keys if storage().exists(key)), None)


def _fetch(job: Job, index: int, one: InputUrl) -> None:
    if one.kind == "image":
        from showreel.assets.images import sanitize  # Pillow costs a cold start 80 ms

        storage().put(_key(job, index, JPEG), sanitize(fetched(job, one.url)).data, JPEG)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media"
        fetch_media(job.workspace_id, one.url, job.public_base_url, path)
        with path.open("rb") as file:
            content_type = _READ[one.kind](file.read(MAGIC_BYTES))
        storage().put_file(_key(job, index, content_type), path, content_type)


def _key(job: Job, index: int, content_type: str) -> str:
    return f"work/{job.job_id}/input-{index}.{EXTENSIONS[content_type]}"
