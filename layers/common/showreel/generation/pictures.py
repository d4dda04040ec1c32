"""Prepares the pictures of a job for the model that makes it.

`raw_pictures` are the owner's files: each is sanitized once, and brought to the job's ratio for a
model that takes its ratio from the picture. With a `picture_size` they are our own pictures of any
shape, and every vendor gets them in that size. The built-in model always gets the whole picture.
The keys differ by shape, so that a model that takes over gets its own. Every attempt uses the same
path, by which vendors' listings are searched. Pictures by URL are fetched.
"""

from dataclasses import dataclass

from showreel.assets.service import storage
from showreel.catalog import get_model
from showreel.core.errors import InvalidInput, NotFound
from showreel.generation.fetched import fetched
from showreel.generation.models import Job
from showreel.providers.registry import BUILTIN

JPEG = "image/jpeg"


@dataclass(frozen=True)
class PictureKeys:
    """Keys of the pictures of the first and the last frame; None for one that isn't given."""

    first: str | None
    last: str | None


def given(job: Job) -> PictureKeys:
    """Returns the keys of the pictures for the job's present model, which `prepare` makes."""
    wanted = job.wanted
    if not _is_made(job):
        return PictureKeys(wanted.image_key, wanted.end_image_key)
    return PictureKeys(
        _made_key(job, "first") if wanted.has_first_picture else None,
        _made_key(job, "last") if wanted.has_last_picture else None,
    )


def prepare(job: Job) -> None:
    """Makes the pictures that are not stored yet.

    Raises InvalidInput for a picture that can't be used, NotFound for one that is gone.
    """
    if not _is_made(job):
        return
    wanted, keys = job.wanted, given(job)
    sources = (
        (wanted.image_key, wanted.image_url, keys.first),
        (wanted.end_image_key, wanted.end_image_url, keys.last),
    )
    for source, url, key in sources:
        if key and not storage().exists(key):
            data = storage().get(source) if source else fetched(job, url or "")
            storage().put(key, _made(job, data), JPEG)


def failure_code(error: InvalidInput | NotFound) -> str:
    """Returns the error code of a job whose picture can't be used."""
    return "image_missing" if isinstance(error, NotFound) else error.code


def _is_made(job: Job) -> bool:
    """Returns whether the model gets prepared pictures instead of those that the job names."""
    has_other_shape = job.wanted.picture_size is not None and job.provider != BUILTIN
    return job.wanted.raw_pictures or has_other_shape


def _is_shaped(job: Job) -> bool:
    """Returns whether pictures are brought to the job's ratio; never for the built-in model."""
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
