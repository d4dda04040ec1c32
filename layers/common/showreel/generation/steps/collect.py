"""Asks the vendor, the only truth, stores its result and settles the job.

The job's place in its lane is free when the vendor has ended the task, before all the rest.
"""

from showreel.core.clock import now_seconds
from showreel.core.errors import ConditionFailed, ProviderError, ProviderTimeout
from showreel.core.observability import logger
from showreel.generation.deliver import BadDelivery, NotYet, deliver, told
from showreel.generation.engine import Engine
from showreel.generation.models import Job, Step
from showreel.generation.outcome import on_error, wait_for_vendor
from showreel.generation.settle import settle, stop_at_vendor
from showreel.generation.steps.submit import recover
from showreel.generation.turns import leave_lane
from showreel.providers.base import Failed, Pending, PollResult, Provider, Succeeded, VendorTask
from showreel.providers.registry import BUILTIN


def collect(engine: Engine, job_id: str) -> Step:
    """Returns one step of the state machine: waits on, tries again, or stores the result and
    settles.
    """
    job = engine.jobs.begin_poll(job_id)
    try:
        step = _next_step(engine, job)
    except ConditionFailed:
        return Step(route="submit")
    if step.route == "settle":
        settle(engine, job_id)
    return step


def _next_step(engine: Engine, job: Job) -> Step:
    if job.is_decided:
        return Step(route="settle")
    if job.provider == BUILTIN:
        return Step(route="render")
    if job.task is None:
        return recover(engine, job) if job.attempt.sending else Step(route="submit")
    return _follow(engine, job, engine.provider(job.provider), job.task)


def _follow(engine: Engine, job: Job, provider: Provider, task: VendorTask) -> Step:
    match _poll(provider, task, job):
        case Succeeded() as result:
            leave_lane(engine, job)
            return _bring_home(engine, job, provider, result)
        case Failed(error):
            return on_error(engine, job, error)
        case Pending() as pending:
            engine.jobs.note_progress(job, pending)
            return _keep_waiting(engine, job)


def _poll(provider: Provider, task: VendorTask, job: Job) -> PollResult:
    """An error while asking is no verdict about the job."""
    try:
        return provider.poll(task)
    except ProviderError as error:
        logger().warning("a poll failed", job_id=job.job_id, error=type(error).__name__)
        return Pending()


def _keep_waiting(engine: Engine, job: Job) -> Step:
    """After the deadline the vendor is told to stop. One that can't may still deliver for a while;
    until then nothing is decided, so that nothing is both given back and delivered.
    """
    now = now_seconds()
    if not job.is_overdue(now):
        return wait_for_vendor(engine, job)
    if not stop_at_vendor(engine, job) and now < job.last_moment_seconds:
        return wait_for_vendor(engine, job)
    return on_error(engine, job, ProviderTimeout("the deadline passed"))


def _bring_home(engine: Engine, job: Job, provider: Provider, result: Succeeded) -> Step:
    storing = engine.jobs.advance(job, "storing", left_lane=job.lane is not None)
    try:
        files = deliver(storing, provider, result)
    except BadDelivery as error:
        return on_error(engine, storing, error)
    except NotYet:
        return _keep_waiting(engine, storing)
    engine.jobs.mark_stored(storing, files, told(storing, result, files))
    return Step(route="settle")
