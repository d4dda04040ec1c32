"""Jobs of our own FFmpeg: one operation on media, or the check of media from elsewhere.

    inputs  {"operation": its parameters, "files": {input: [key or URL, …]}}   an operation
            {"accept": "image" | "video" | "audio", "files": {"media": [URL]}} a check

The result is stored under the job's own key, so that a repetition writes the same object.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from showreel.assets.service import fetch_media, storage
from showreel.core.errors import InvalidInput, MediaError, NotFound
from showreel.generation.deliver import file_key, store
from showreel.generation.models import Job, StoredFile
from showreel.media.operations.models import OperationResult, read_operation
from showreel.media.operations.perform import accept, perform

MAX_FILE_BYTES = 400_000_000
MAX_TOGETHER_BYTES = 1_200_000_000
"""What fits on the function's disk beside the result."""


def operate(job: Job) -> StoredFile:
    """Makes and stores the job's result; returns its type, size and length.

    Raises InvalidInput for media that can't be used or are gone, Transient.
    """
    with tempfile.TemporaryDirectory(prefix="showreel-") as name:
        directory = Path(name).resolve()
        files = _brought(job, directory)
        made = _made(job.wanted.inputs, files, directory)
        file = StoredFile(
            key=file_key(job, 0, made.content_type),
            content_type=made.content_type,
            width=made.width,
            height=made.height,
            duration_seconds=None if made.seconds is None else round(made.seconds, 3),
        )
        return store(job, made.path, file)


def _made(
    inputs: Mapping[str, Any], files: dict[str, list[Path]], directory: Path
) -> OperationResult:
    if "accept" in inputs:
        return accept(files["media"][0], inputs["accept"], directory)
    try:
        operation = read_operation(inputs.get("operation"))
    except ValueError as error:  # Pydantic's; no product orders such a job
        raise InvalidInput("No such operation", code="unknown_operation") from error
    return perform(operation, files, directory)


def _brought(job: Job, directory: Path) -> dict[str, list[Path]]:
    """Downloads the files of each input. Raises MediaError `media_too_large`, `media_missing`."""
    urls = {tuple(one.path): one.url for one in job.wanted.input_urls}
    brought: dict[str, list[Path]] = {}
    total_bytes = 0
    for name, keys in job.wanted.inputs.get("files", {}).items():
        for index, key in enumerate(keys):
            path = directory / f"{name}-{index}"
            url = urls.get(("files", name, index))
            total_bytes += _bring(job, key, url, path)
            brought.setdefault(name, []).append(path)
            if total_bytes > MAX_TOGETHER_BYTES:
                raise MediaError("The files are too large together", code="media_too_large")
    return brought


def _bring(job: Job, key: str, url: str | None, path: Path) -> int:
    if url is not None:
        fetch_media(job.workspace_id, url, job.public_base_url, path)
        return path.stat().st_size
    try:
        size_bytes = storage().head(key).size_bytes
        if size_bytes > MAX_FILE_BYTES:
            raise MediaError("The file is too large", code="media_too_large")
        storage().get_file(key, path)
    except NotFound as error:
        raise MediaError("The file is gone", code="media_missing") from error
    return size_bytes
