"""Records a settled job's result on its shot."""

from showreel.generation.models import Job
from showreel.generation.verdicts import code_of
from showreel.storyboards.access import shot_media
from showreel.storyboards.media import MadeMedium
from showreel.storyboards.models import MEDIA, Medium


def keep(job: Job) -> None:
    """Shows the job's result as a new version, or records why there is none. Safe to repeat; a shot
    that is gone, or whose medium another job has by now, stays as it is.
    """
    if job.subject is None:
        return
    medium, shot_id = medium_of(job), job.subject.id
    if job.status == "completed":
        shot_media().complete(shot_id, medium, _made(job))
    elif job.status == "canceled":
        shot_media().unlock(shot_id, medium, job.job_id)
    else:
        shot_media().fail(shot_id, medium, job.job_id, code_of(job))


def medium_of(job: Job) -> Medium:
    """Returns the medium that a shot's job makes."""
    return next(medium for medium in MEDIA if medium == job.wanted.media_type)


def made_key(job: Job) -> str:
    """Returns the object key of a completed job's result."""
    return job.delivery.files[0].key if job.delivery.files else job.output_key


def _made(job: Job) -> MadeMedium:
    file = job.delivery.files[0] if job.delivery.files else None
    return MadeMedium(
        key=made_key(job),
        job_id=job.job_id,
        model=job.model,
        prompt=job.wanted.prompt,
        duration_seconds=file.duration_seconds if file else job.duration_seconds,
    )
