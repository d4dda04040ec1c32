"""The built-in models, made here by FFmpeg: camera motion over a still, operations on media."""

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from showreel.assets.service import storage
from showreel.catalog import get_model
from showreel.core.errors import ConditionFailed, InvalidInput, NotFound
from showreel.generation.models import Job, StoredFile
from showreel.generation.pictures import failure_code, given, prepare
from showreel.generation.store import Jobs
from showreel.media.motion import render_morph, render_motion
from showreel.media.moves import move_from_prompt
from showreel.media.profile import AspectRatio, Profile
from showreel.media.runner import MACHINE_FAULTS

VIDEO = "video/mp4"
FRAMES_PER_SECOND = 24
BASE_SECONDS = 5
MAX_CRASHES = 2
OPERATIONS = "ffmpeg"
"""The built-in model that does one operation on media."""


def render(jobs: Jobs, job_id: str) -> None:
    """Renders and stores the job's result, or notes why there is none.

    If another step changed the row meanwhile, nothing is noted; Collect sees that change.
    """
    job = jobs.get(job_id)
    if job.is_decided:
        return
    with contextlib.suppress(ConditionFailed):
        _render_or_fail(jobs, jobs.advance(job, "storing"))


def _render_or_fail(jobs: Jobs, job: Job) -> None:
    """Fails the job for media that can't be used; faults of our own are raised, and retried. A file
    that makes FFmpeg crash or run out of time gets a second attempt, and no third.
    """
    try:
        files = _made(job)
    except (InvalidInput, NotFound) as error:
        code = failure_code(error)
        if code in MACHINE_FAULTS and job.attempt.number < MAX_CRASHES:
            jobs.next_attempt(job, {})
        else:
            jobs.mark_failed(job, code)
    else:
        jobs.mark_stored(job, files)


def _made(job: Job) -> Sequence[StoredFile]:
    if get_model(job.catalogue_id).binding.upstream != OPERATIONS:
        render_clip(job)
        return ()
    from showreel.generation.steps.operate import operate  # clips need none of it

    return [operate(job)]


def render_clip(job: Job) -> None:
    """Renders the job's still in the film's profile and stores it under the job's key."""
    profile = _profile(job)
    frames = profile.frames(_seconds(job))
    prepare(job)
    pictures, fit = given(job), job.wanted.fit
    with tempfile.TemporaryDirectory() as folder:
        still, clip = Path(folder) / "still.jpg", Path(folder) / "clip.mp4"
        storage().get_file(str(pictures.first), still)
        if pictures.last:
            last = Path(folder) / "last.jpg"
            storage().get_file(pictures.last, last)
            render_morph(still, last, clip, frames=frames, profile=profile, fit=fit)
        else:
            move = move_from_prompt(job.wanted.prompt)
            render_motion(still, clip, move=move, frames=frames, profile=profile, fit=fit)
        storage().put_file(job.output_key, clip, VIDEO)


def _seconds(job: Job) -> float:
    """Returns the length that is wanted, not whole seconds as a vendor has them: a film can copy
    the clip then. Returns the job's own length where that is another one.
    """
    whole = job.duration_seconds or BASE_SECONDS
    wanted = job.wanted.duration_seconds or whole
    return wanted if abs(wanted - whole) < 1 else whole


def _profile(job: Job) -> Profile:
    fps = get_model(job.catalogue_id).capabilities.frames_per_second or FRAMES_PER_SECOND
    wanted = job.wanted
    ratio = _ratio(wanted.aspect_ratio)
    return Profile.of(ratio, wanted.resolution, fps, draft=wanted.draft)


def _ratio(text: str) -> AspectRatio:
    ratios: dict[str, AspectRatio] = {"16:9": "16:9", "9:16": "9:16", "1:1": "1:1"}
    return ratios[text]
