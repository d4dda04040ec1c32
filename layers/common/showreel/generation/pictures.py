"""The pictures of a job as its maker is given them.

A job with `raw_pictures` names its owner's files. Each is sanitized once, and in the same go
brought to the job's ratio for a model that takes its ratio from the picture; names tell which, so
that another model that takes over gets its own. Every attempt gives the same path, by which
vendors' listings are searched. A picture by URL is fetched for it.
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
class Given:
    """Keys of the first and the last frame."""

    first: str | None
    last: str | None


def given(job: Job) -> Given:
    """Returns where the pictures of the job's present model are, or will be."""
    if not job.wanted.raw_pictures:
        return Given(job.wanted.image_key, job.wanted.end_image_key)
    return Given(
        _sanitized_key(job, "first") if job.wanted.has_first_picture else None,
        _sanitized_key(job, "last") if job.wanted.has_last_picture else None,
    )


def prepare(job: Job) -> None:
    """Makes the sanitized pictures that are not there yet.

    Raises InvalidInput for a picture that can't be used, NotFound for one that is gone.
    """
    wanted, keys = job.wanted, given(job)
    if not wanted.raw_pictures:
        return
    sources = (
        (wanted.image_key, wanted.image_url, keys.first),
        (wanted.end_image_key, wanted.end_image_url, keys.last),
    )
    for source, url, made in sources:
        if made and not storage().exists(made):
            data = storage().get(source) if source else fetched(job, url or "")
            storage().put(made, _sanitized(job, data), JPEG)


def failure_code(error: InvalidInput | NotFound) -> str:
    """Returns the error code of a job whose picture can't be used."""
    return "image_missing" if isinstance(error, NotFound) else error.code


def _sanitized_key(job: Job, name: str) -> str:
    ratio = f"-{job.wanted.aspect_ratio.replace(':', 'x')}" if _is_fitted(job) else ""
    return f"work/{job.job_id}/{name}{ratio}.jpg"


def _sanitized(job: Job, data: bytes) -> bytes:
    from showreel.assets.images import sanitize

    return sanitize(data, job.wanted.aspect_ratio if _is_fitted(job) else None).data


def _is_fitted(job: Job) -> bool:
    capabilities = get_model(job.catalogue_id).capabilities
    return job.provider == BUILTIN or capabilities.aspect_ratio_from == "image"
