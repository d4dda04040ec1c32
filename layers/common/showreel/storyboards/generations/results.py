"""What has become of a job is written on its shot, whoever settled it and whether anybody looks."""

from showreel.generation.models import Job
from showreel.generation.verdicts import code_of
from showreel.storyboards.access import shot_media
from showreel.storyboards.media import MadeMedium
from showreel.storyboards.models import MEDIA, Medium


def keep(job: Job) -> None:
    """Shows what the job has made, as a new version, or says why there is nothing. Done again it
    does nothing new; a shot that is gone, or that another job has by now, stays as it is.
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
    """Returns which medium of its shot a job makes."""
    return next(medium for medium in MEDIA if medium == job.wanted.media_type)


def made_key(job: Job) -> str:
    """Returns where the result of a completed job is."""
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
