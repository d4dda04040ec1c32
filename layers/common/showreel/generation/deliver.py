"""Delivers results: downloads them from the vendor's own hosts, checks their content, stores them.

The keys depend on the job alone, so that a repeated delivery writes the same objects. One that
can't end in time says what it has stored, and the next one goes on from there. The vendor's other
output is kept too, with our URLs in place of its own and no other URL.
"""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from showreel.assets import keys
from showreel.assets.audio import MAGIC_BYTES, audio_type, is_audio
from showreel.assets.headers import image_type
from showreel.assets.service import asset_rows, copy_result, storage
from showreel.core.errors import InvalidInput, MediaError, NotFound, ProviderUpstream, Transient
from showreel.core.settings import Providers, settings
from showreel.generation.models import Job, StoredFile
from showreel.media.probe import verify_delivery
from showreel.providers.base import Provider, Succeeded
from showreel.providers.registry import SYNCHRONOUS

DOWNLOADS = 2
"""A file that arrives broken is downloaded once more before the delivery counts as bad."""
DOWNLOAD_SECONDS = 80.0
"""For one download of a file; `DOWNLOADS` of them fit into the function's time with the rest."""
BEGIN_SECONDS = 60.0
"""After so long no other file is begun: it may need all of the function's time that is left."""
MAX_FILES = 12
MAX_FILE_BYTES = 400_000_000
MAX_RESULT_CHARS = 100_000
VIDEO = "video/mp4"


class BadDelivery(ProviderUpstream):
    """The vendor's file is not what was asked for."""

    code = "bad_delivery"


class NotYet(Exception):
    """A file can't be read just now, or there is no time for it; `files` are stored."""

    files: Sequence[StoredFile] = ()


class NotThere(NotYet):
    """The vendor says that there is no such file: not yet, or no more."""


def deliver(job: Job, provider: Provider, result: Succeeded) -> list[StoredFile]:
    """Downloads, checks and stores every file of a result that the attempt hasn't stored yet.

    Raises BadDelivery, NotYet, or Transient for our own storage.
    """
    begun_at = time.monotonic()
    if result.data is None and not result.urls:
        if result.output and job.terms.may_be_data:
            return []
        raise BadDelivery("the result has no file")
    count = 1 if result.data is not None else min(len(result.urls), MAX_FILES)
    files = list(job.attempt.stored_files[:count])
    try:
        for index in range(len(files), count):
            if time.monotonic() >= begun_at + BEGIN_SECONDS:
                raise NotYet
            files.append(_deliver_one(job, provider, result, index))
    except NotYet as error:
        error.files = files
        raise
    return files


def _deliver_one(job: Job, provider: Provider, result: Succeeded, index: int) -> StoredFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result"
        file = _fetch_good(job, provider, result, index, path)
        return store(job, path, file)


def store(job: Job, path: Path, file: StoredFile) -> StoredFile:
    """Stores a checked file under its key; records a public one as its workspace's asset."""
    storage().put_file(file.key, path, file.content_type)
    if keys.public_key(*file.key.split("/", 1)):
        size_bytes = path.stat().st_size
        asset_rows().record(
            job.workspace_id,
            file.key,
            file.content_type,
            size_bytes,
            owner=job.result_owner or f"workspace#{job.workspace_id}",
            made_by=job.job_id,
        )
    return file


def _fetch_good(
    job: Job,
    provider: Provider,
    result: Succeeded,
    index: int,
    path: Path,
    downloads: int = DOWNLOADS,
) -> StoredFile:
    try:
        _fetch(provider, result, index, path)
        return check(job, path, index)
    except InvalidInput as error:
        if downloads == 1 or error.code == "blocked_url":
            raise BadDelivery("the result is not usable") from error
    return _fetch_good(job, provider, result, index, path, downloads - 1)


def _fetch(provider: Provider, result: Succeeded, index: int, path: Path) -> None:
    if result.data is not None:
        path.write_bytes(result.data)
        return
    exempt = settings(Providers).result_origins.replace(" ", "").split(",")
    try:
        copy_result(
            result.urls[index],
            path,
            headers=result.headers if index == 0 else {},
            allowed_hosts=provider.result_hosts,
            exempt_origins=[origin for origin in exempt if origin],
            max_bytes=MAX_FILE_BYTES,
            total_seconds=DOWNLOAD_SECONDS,
        )
    except NotFound as error:
        raise NotThere from error
    except Transient as error:
        raise NotYet from error


def check(job: Job, path: Path, index: int = 0) -> StoredFile:
    """Returns the file's type, size and length. Raises MediaError if it isn't what was ordered."""
    kind = _kind(path) if job.terms.may_be_any_media else job.wanted.media_type
    if kind == "image":
        return _picture(job, path, index)
    if kind == "audio":
        return _sound(job, path, index)
    seen = verify_delivery(path, wanted_seconds=job.duration_seconds)
    return StoredFile(
        key=file_key(job, index, VIDEO),
        content_type=VIDEO,
        width=seen.width,
        height=seen.height,
        duration_seconds=round(seen.seconds, 3),
    )


def _kind(path: Path) -> str:
    """Returns `image`, `audio` or else `video`, by the first bytes."""
    with path.open("rb") as file:
        start = file.read(MAGIC_BYTES)
    if start.startswith((b"\xff\xd8\xff", b"\x89PNG")) or start[8:12] == b"WEBP":
        return "image"
    if start[4:8] == b"ftyp" and start[8:12] not in {b"M4A ", b"M4B "}:
        return "video"
    return "audio" if is_audio(start) else "video"


def _picture(job: Job, path: Path, index: int) -> StoredFile:
    """Checks a picture by decoding it whole; it is stored as it came."""
    from showreel.assets.images import verify

    data = path.read_bytes()
    kind, (width, height) = image_type(data), verify(data)
    key = file_key(job, index, kind)
    return StoredFile(key=key, content_type=kind, width=width, height=height)


def _sound(job: Job, path: Path, index: int) -> StoredFile:
    from showreel.media.audio_probe import verify_sound

    with path.open("rb") as file:
        kind = audio_type(file.read(MAGIC_BYTES))
    is_exact = job.provider in SYNCHRONOUS  # others choose their own length
    wanted_seconds = job.wanted.duration_seconds if is_exact else None
    seen = verify_sound(path, content_type=kind, wanted_seconds=wanted_seconds)
    key = file_key(job, index, kind)
    return StoredFile(key=key, content_type=kind, duration_seconds=round(seen.seconds, 3))


def file_key(job: Job, index: int, content_type: str) -> str:
    """Returns the job's output key if it has an extension, else one made from it for each file."""
    if "." in job.output_key.rpartition("/")[2]:
        if index:
            raise MediaError("one file was to be made")
        return job.output_key
    return f"{job.output_key}-{index}.{keys.EXTENSIONS[content_type]}"


def output_json(job: Job, result: Succeeded, files: list[StoredFile]) -> str | None:
    """Returns the vendor's output as JSON text with our URLs; None without one, or if too long."""
    if not result.output:
        return None
    ours = {
        url: keys.public_url(job.public_base_url, file.key)
        for url, file in zip(result.urls, files, strict=False)
    }
    text = json.dumps(_rewritten(result.output, ours), ensure_ascii=False)
    return text if len(text) <= MAX_RESULT_CHARS else None


def _rewritten(value: Any, ours: Mapping[str, str]) -> Any:
    """Returns a copy with our URLs; other URLs and data become None."""
    if isinstance(value, str):
        return ours.get(value, None if "://" in value or value.startswith("data:") else value)
    if isinstance(value, Mapping):
        return {str(name): _rewritten(inner, ours) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rewritten(inner, ours) for inner in value]
    return value
