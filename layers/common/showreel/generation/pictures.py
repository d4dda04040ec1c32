"""The pictures of a job as its maker is given them.

A job with `raw_pictures` names its owner's files. Each is sanitized once, and in the same go
brought to the job's ratio for a model that takes its ratio from the picture. One with a
`picture_size` names our own pictures of any shape, which every vendor is given in that size. Our
own camera is always given the whole picture. Names tell which, so that another model that takes
over gets its own. Every attempt gives the same path, by which vendors' listings are searched.
"""

from dataclasses import dataclass

from showreel.assets.service import storage
from showreel.catalog import get_model
from showreel.core.errors import MediaError, NotFound
from showreel.generation.models import Job
from showreel.providers.registry import BUILTIN

JPEG = "image/jpeg"


@dataclass(frozen=True)
class Given:
    """Keys of the first and the last frame."""

    first: str | None
    last: str | None


def given(job: Job) -> Given:
    """Returns where the pictures of the job's present model are, or will be."""
    first, last = job.wanted.image_key, job.wanted.end_image_key
    if not _is_made(job):
        return Given(first, last)
    return Given(first and _made_key(job, "first"), last and _made_key(job, "last"))


def prepare(job: Job) -> None:
    """Makes the pictures that are not there yet.

    Raises MediaError for a picture that can't be used, NotFound for one that is gone.
    """
    if not _is_made(job):
        return
    keys = given(job)
    for source, key in ((job.wanted.image_key, keys.first), (job.wanted.end_image_key, keys.last)):
        if source and key and not storage().exists(key):
            storage().put(key, _made(job, storage().get(source)), JPEG)


def failure_code(error: MediaError | NotFound) -> str:
    """Returns the error code of a job whose picture can't be used."""
    return "image_missing" if isinstance(error, NotFound) else error.code


def _is_made(job: Job) -> bool:
    """Returns whether the maker is given other pictures than those that the job names."""
    has_other_shape = job.wanted.picture_size is not None and job.provider != BUILTIN
    return job.wanted.raw_pictures or has_other_shape


def _is_shaped(job: Job) -> bool:
    """Returns whether they have the ratio of the result. Our own camera sees the whole picture."""
    if job.provider == BUILTIN:
        return False
    capabilities = get_model(job.catalogue_id).capabilities
    return job.wanted.picture_size is not None or capabilities.aspect_ratio_from == "image"


def _made_key(job: Job, name: str) -> str:
    ratio = f"-{job.wanted.aspect_ratio.replace(':', 'x')}" if _is_shaped(job) else ""
    return f"work/{job.job_id}/{name}{ratio}.jpg"


def _made(job: Job, data: bytes) -> bytes:
    from showreel.assets.images import reshape, sanitize

    wanted = job.wanted
    if wanted.picture_size and not wanted.raw_pictures:
        return reshape(data, wanted.picture_size, wanted.fit)
    ratio, size = (wanted.aspect_ratio, wanted.picture_size) if _is_shaped(job) else (None, None)
    return sanitize(data, ratio, fit=wanted.fit, size=size).data
