"""Whose turn it is: starts jobs that have a place in their lane, and gives places on."""

from collections.abc import Iterable

from showreel.core.settings import Polling, settings
from showreel.generation.engine import Engine
from showreel.generation.models import Job, Lane
from showreel.runs.executions import answer_token

SUBMISSION_SECONDS = 30
"""Longer than a submission takes. One that takes longer is looked up while it still runs."""


def begin(on: Engine, job: Job) -> bool:
    """Starts the job's execution, in a lane once the job has a place; False while it waits.

    Safe to repeat. Raises Transient.
    """
    has_place = job.lane is None or _enter(on, job, job.lane)
    if has_place:
        drive(on, job)
    return has_place


def drive(on: Engine, job: Job) -> None:
    """Starts the job's execution, unless it was started before. Raises Transient."""
    data = {"job_id": job.job_id, "first_wait_seconds": first_wait_seconds()}
    on.executions.start(job.execution_name, data)


def first_wait_seconds() -> int:
    """Returns how long the state Submit lasts at most: submission and wait for its webhook."""
    webhook_seconds: int = settings(Polling).webhook_poll_seconds
    return SUBMISSION_SECONDS + webhook_seconds


def leave_lane(on: Engine, job: Job) -> None:
    """Gives the job's place to the next, who starts; a job that has left already keeps out of it.

    Raises Transient.
    """
    if job.lane is not None and not job.left_lane:
        _start(on, job.lane, on.jobs.lanes.leave(job.lane.name, {job.job_id}))


def return_to_lane(on: Engine, job: Job) -> bool:
    """Gets a place for another attempt, after the vendor's result could not be used.

    False while the job waits: whoever gives it a place answers its token. Raises Transient.
    """
    if job.lane is None or not job.left_lane:
        return True
    has_place = _enter(on, job, job.lane)
    if has_place:
        on.jobs.mark_returned(job)
    return has_place


def mend_lane(on: Engine, lane: Lane) -> None:
    """Takes jobs out of the lane that are over or gone, and starts who has a place and may never
    have been started. Raises Transient.
    """
    found = {name: on.jobs.find(name) for name in on.jobs.lanes.state(lane.name).running}
    dead = {name for name, job in found.items() if job is None or job.is_finished}
    _start(on, lane, on.jobs.lanes.leave(lane.name, dead))


def _enter(on: Engine, job: Job, lane: Lane) -> bool:
    started = on.jobs.lanes.enter(lane, job.job_id)
    _start(on, lane, [one for one in started if one != job.job_id])
    return job.job_id in started


def _start(on: Engine, lane: Lane, job_ids: Iterable[str]) -> None:
    """Starts those who have just got a place; the place of one that ended meanwhile goes on."""
    for job_id in job_ids:
        job = on.jobs.find(job_id)
        if job is None or job.is_finished:
            _start(on, lane, on.jobs.lanes.leave(lane.name, {job_id}))
        elif job.left_lane and job.await_token:
            answer_token(job.await_token, {})
        else:
            drive(on, job)
