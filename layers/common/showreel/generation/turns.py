"""Starts jobs that have a place in their lane, and passes places on."""

from collections.abc import Iterable

from showreel.core.settings import Polling, settings
from showreel.generation.engine import Engine
from showreel.generation.models import Job, Lane, execution_job_id
from showreel.runs.executions import answer_token

SUBMISSION_SECONDS = 30
"""More than a submission takes. One that takes longer is looked up while it still runs."""


def begin(on: Engine, job: Job) -> bool:
    """Starts the job's execution, in a lane once the job has a place; False while it waits.

    Safe to repeat. Raises Transient.
    """
    has_place = job.lane is None or _enter(on, job.lane, job.place)
    if has_place:
        drive(on, job)
    return has_place


def drive(on: Engine, job: Job) -> None:
    """Starts the job's execution, unless it was started before. Raises Transient."""
    data = {"job_id": job.job_id, "first_wait_seconds": first_wait_seconds()}
    on.executions.start(job.execution_name, data)


def first_wait_seconds() -> int:
    """Returns the longest time in the state Submit: the submission and the wait for its webhook."""
    webhook_seconds: int = settings(Polling).webhook_poll_seconds
    return SUBMISSION_SECONDS + webhook_seconds


def leave_lane(on: Engine, job: Job) -> None:
    """Gives the job's place to the next job and starts that; does nothing if it has left already.

    Raises Transient.
    """
    if job.lane is not None and not job.left_lane:
        _start(on, job.lane, on.jobs.lanes.leave(job.lane.name, {job.place}))


def return_to_lane(on: Engine, job: Job) -> bool:
    """Enters the lane again for another attempt; returns whether the job has a place.

    If it has to wait, the process that gives it a place answers its token. Raises Transient.
    """
    if job.lane is None or not job.left_lane:
        return True
    has_place = _enter(on, job.lane, job.place_after(job.lane_returns + 1))
    if has_place:
        on.jobs.mark_returned(job)
    return has_place


def slow_lane(on: Engine, job: Job) -> bool:
    """Halves the places of the job's lane after the vendor throttled the job; returns whether the
    job has to give its own place back. Raises Transient.
    """
    if job.lane is None or job.left_lane:
        return False
    return on.jobs.lanes.slow(job.lane.name, job.attempt.sent_at_seconds or 0)


def give_way(on: Engine, job: Job) -> None:
    """Gives back the place of a job whose row has `left_lane`, and lets it wait for another one.

    Raises Transient.
    """
    if job.lane is not None:
        _enter(on, job.lane, job.place_after(job.lane_returns + 1))


def mend_lane(on: Engine, lane: Lane) -> None:
    """Removes finished and missing jobs from the lane, and starts jobs with a place that may never
    have been started. Raises Transient.
    """
    places = on.jobs.lanes.state(lane.name).running
    found = {place: on.jobs.find(execution_job_id(place)) for place in places}
    dead = {place for place, job in found.items() if job is None or job.is_finished}
    _start(on, lane, on.jobs.lanes.leave(lane.name, dead))


def _enter(on: Engine, lane: Lane, place: str) -> bool:
    started = on.jobs.lanes.enter(lane, place)
    _start(on, lane, [one for one in started if one != place])
    return place in started


def _start(on: Engine, lane: Lane, places: Iterable[str]) -> None:
    """Starts the jobs of these places; the place of a finished job goes to the next one."""
    for place in places:
        job = on.jobs.find(execution_job_id(place))
        if job is None or job.is_finished:
            _start(on, lane, on.jobs.lanes.leave(lane.name, {place}))
        elif job.left_lane and job.await_token:
            answer_token(job.await_token, {})
        else:
            drive(on, job)
