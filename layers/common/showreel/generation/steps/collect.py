"""Polls the vendor, stores its result and settles the job.

The job leaves its lane as soon as the vendor has ended the task, before the download.
"""

from showreel.core.backoff import OUTAGE_SECONDS
from showreel.core.clock import now_seconds
from showreel.core.errors import ConditionFailed, ProviderError, ProviderTimeout
from showreel.core.observability import logger
from showreel.generation.deliver import BadDelivery, NotThere, NotYet, deliver, output_json
from showreel.generation.engine import Engine
from showreel.generation.models import Job, NextStep
from showreel.generation.outcome import on_error, wait_for_file, wait_for_vendor
from showreel.generation.settle import settle, stop_at_vendor
from showreel.generation.steps.submit import recover
from showreel.generation.turns import leave_lane
from showreel.providers.base import Failed, Pending, PollResult, Provider, Succeeded, VendorTask
from showreel.providers.registry import BUILTIN

APPEARS_SECONDS = 300
"""How long a vendor's storage may take to show a file that is finished."""
SILENCE_SECONDS = 3600
"""How long after the job's last moment a vendor that doesn't answer is still polled."""


def collect(engine: Engine, job_id: str) -> NextStep:
    """Polls once and returns the next step: wait, try again, or settle after storing the result."""
    job = engine.jobs.begin_poll(job_id)
    try:
        step = _next_step(engine, job)
    except ConditionFailed:
        return NextStep(route="submit")
    if step.route == "settle":
        settle(engine, job_id)
    return step


def _next_step(engine: Engine, job: Job) -> NextStep:
    if job.is_decided:
        return NextStep(route="settle")
    if job.provider == BUILTIN:
        return NextStep(route="render")
    if job.task is None:
        return recover(engine, job) if job.attempt.sending else NextStep(route="submit")
    return _follow(engine, job, engine.provider(job.provider), job.task)


def _follow(engine: Engine, job: Job, provider: Provider, task: VendorTask) -> NextStep:
    match _poll(engine, provider, task, job):
        case Succeeded() as result:
            leave_lane(engine, job)
            return _bring_home(engine, job, provider, result)
        case Failed(error):
            return on_error(engine, job, error)
        case Pending() as pending:
            engine.jobs.note_progress(job, pending)
            return _keep_waiting(engine, job)
        case None:
            return _ask_later(engine, job)


def _poll(engine: Engine, provider: Provider, task: VendorTask, job: Job) -> PollResult | None:
    """Returns the poll's result; None if there is no answer, which says nothing about the job."""
    circuits = engine.circuits
    if circuits.pause(job.provider, "poll"):
        return None
    try:
        with circuits.watched(job.provider, "poll"):
            return provider.poll(task)
    except ProviderError as error:
        logger().warning("a poll failed", job_id=job.job_id, error=type(error).__name__)
        return None


def _ask_later(engine: Engine, job: Job) -> NextStep:
    """Polls again, beyond the deadline too: a vendor that is out may have finished the job."""
    if now_seconds() < job.last_moment_seconds + SILENCE_SECONDS:
        return wait_for_file(job)
    return _keep_waiting(engine, job)


def _keep_waiting(engine: Engine, job: Job) -> NextStep:
    """Waits on; after the deadline stops the vendor and fails the job. A vendor that can't stop may
    deliver until the job's last moment, so that no job is both given back and delivered.
    """
    now = now_seconds()
    if not job.is_overdue(now):
        return wait_for_vendor(engine, job)
    if not stop_at_vendor(engine, job) and now < job.last_moment_seconds:
        return wait_for_vendor(engine, job)
    return on_error(engine, job, ProviderTimeout("the deadline passed"))


def _bring_home(engine: Engine, job: Job, provider: Provider, result: Succeeded) -> NextStep:
    storing = engine.jobs.advance(job, "storing", left_lane=job.lane is not None)
    try:
        files = deliver(storing, provider, result)
    except BadDelivery as error:
        return on_error(engine, storing, error)
    except NotYet as error:
        if len(error.files) > len(storing.attempt.stored_files):
            storing = engine.jobs.keep_files(storing, error.files)
        kept_seconds = APPEARS_SECONDS if isinstance(error, NotThere) else provider.keeps_seconds
        return _fetch_later(engine, storing, kept_seconds)
    engine.jobs.mark_stored(storing, files, output_json(storing, result, files))
    return NextStep(route="settle")


def _fetch_later(engine: Engine, job: Job, kept_seconds: int) -> NextStep:
    """Waits to fetch a finished result again, until its vendor deletes it."""
    until = (job.attempt.ready_at_seconds or 0) + min(kept_seconds, OUTAGE_SECONDS)
    if now_seconds() < until:
        return wait_for_file(job)
    return on_error(engine, job, BadDelivery("the result could not be read in time"))
