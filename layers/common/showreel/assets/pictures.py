"""Imports the pictures that a body names: fetched, verified and copied before a row names them."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from showreel.assets.keys import BUCKETS, key_of
from showreel.assets.models import StoredImage
from showreel.assets.service import delete_assets, import_image
from showreel.core.aws import client
from showreel.core.errors import AppError, InvalidInput, MediaError

IMPORTS_AT_ONCE = 3
"""Pictures decoded at once: one of 40 megapixels takes up to 620 MB, and there are 2048."""
IMPORT_SECONDS = 23.0
"""The time for all pictures of a request: the gateway times out at 29 s."""
KEPT_PREFIXES = (*(f"{bucket}/" for bucket in BUCKETS), "work/")

Pictures = Mapping[str, StoredImage]


@contextmanager
def imported(
    workspace_id: str, urls: Mapping[str, str], base_url: str, owner: str
) -> Iterator[Pictures]:
    """Provides the imported pictures by field; rows of `owner` will name them. If the body is
    refused they are deleted.

    They stay after a fault of ours (5xx), as a row may name them by now: a row without its picture
    would be worse than a picture without a row. Raises InvalidInput or MediaError about the field.
    """
    pictures = _import_all(workspace_id, urls, base_url, owner)
    try:
        yield pictures
    except AppError as error:
        if error.status < 500:
            delete_assets([picture.key for picture in pictures.values()])
        raise


def is_current(url: str, key: str | None, base_url: str) -> bool:
    """Returns whether `url` is the present URL of `key`, so that nothing changes."""
    return key is not None and key_of(url, base_url) == key


def _import_all(
    workspace_id: str, urls: Mapping[str, str], base_url: str, owner: str
) -> dict[str, StoredImage]:
    """Imports all pictures or none: if one fails, the others are removed again."""
    if not urls:
        return {}
    client("s3")  # here, not in the threads: making clients isn't thread-safe
    client("dynamodb")
    ends = time.monotonic() + IMPORT_SECONDS
    pool = ThreadPoolExecutor(IMPORTS_AT_ONCE)
    jobs = {
        field: pool.submit(import_image, workspace_id, url, base_url, owner)
        for field, url in urls.items()
    }
    wait(jobs.values(), timeout=IMPORT_SECONDS, return_when=FIRST_EXCEPTION)
    pool.shutdown(wait=False, cancel_futures=True)
    wait(jobs.values(), timeout=max(0.0, ends - time.monotonic()))
    failure = _failure(jobs)
    if failure is None:
        return {field: job.result() for field, job in jobs.items()}
    for job in jobs.values():
        job.add_done_callback(_forget)
    raise failure


def _failure(jobs: Mapping[str, Future[StoredImage]]) -> BaseException | None:
    """Returns the first error in the order of fields, else one about the first late picture."""
    for field, job in jobs.items():
        error = job.exception() if job.done() and not job.cancelled() else None
        if error is not None:
            return _named(field, error)
    late = next((field for field, job in jobs.items() if not job.done()), None)
    if late is None:
        return None
    return _named(late, MediaError("The pictures took too long to fetch", code="media_unreachable"))


def _named(field: str, error: BaseException) -> BaseException:
    """Returns the same error with the field's name."""
    if isinstance(error, InvalidInput):
        error.about(field)
        error.message = f"{field}: {error.message}"
    return error


def _forget(job: Future[StoredImage]) -> None:
    """Removes the picture that an import of a failed request has stored, even late."""
    if not job.cancelled() and job.exception() is None:
        delete_assets([job.result().key])


def object_keys(*rows: BaseModel) -> list[str]:
    """Returns all object keys that the rows name, in `…key` or `file_keys`, at any depth."""
    return sorted({key for row in rows for key in keys_in(row.model_dump(mode="json"))})


def keys_in(value: Mapping[str, Any]) -> Iterator[str]:
    """Yields all object keys that a row names, as `object_keys`."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from keys_in(inner)
        elif name == "file_keys":
            yield from inner
        elif name.endswith("key") and isinstance(inner, str) and inner.startswith(KEPT_PREFIXES):
            yield inner
