"""Carries decisions out: writes the row and returns where the state machine goes."""

import random

from showreel.core.clock import now_seconds
from showreel.core.errors import (
    ConditionFailed,
    ProviderError,
    ProviderQuota,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.core.observability import count, logger
from showreel.core.settings import Polling, settings
from showreel.generation.decide import Again, Fail, Wait, decide
from showreel.generation.engine import Engine
from showreel.generation.models import Job, NextStep
from showreel.generation.turns import first_wait_seconds, give_way, slow_lane

FIRST_LOOKUP_SECONDS = 3
WAIT_GROWTH = 1.5
LONGEST_WAIT_SECONDS = 60


def on_error(engine: Engine, job: Job, error: ProviderError) -> NextStep:
    """Decides about a vendor's error, writes the decision and returns the next step."""
    _note(job, error)
    unit = random.random()  # noqa: S311 - jitter, not a secret
    decision = decide(job, error, now_seconds=now_seconds(), random_unit=unit)
    try:
        return _carry_out(engine, job, decision, error)
    except ConditionFailed:
        return NextStep(route="submit")


def _carry_out(
    engine: Engine, job: Job, decision: Wait | Again | Fail, error: ProviderError
) -> NextStep:
    match decision:
        case Wait(seconds):
            _wait_again(engine, job, seconds, error)
            return NextStep(route="backoff", wait_seconds=seconds)
        case Again(seconds, changes):
            engine.jobs.next_attempt(job, changes)
            return NextStep(route="backoff" if seconds else "submit", wait_seconds=max(1, seconds))
        case Fail(error_code):
            engine.jobs.mark_failed(job, error_code)
            return NextStep(route="settle")


def _wait_again(engine: Engine, job: Job, seconds: int, error: ProviderError) -> None:
    """Notes a create that made nothing. A rate limit slows the whole lane, and the job gives its
    place back if this function can start the next one.
    """
    is_too_many = isinstance(error, ProviderRateLimited) and slow_lane(engine, job)
    gives_way = is_too_many and bool(engine.function_arn)
    waiting = engine.jobs.end_submit(job, seconds, left_lane=gives_way)
    if gives_way:
        give_way(engine, waiting)


def _note(job: Job, error: ProviderError) -> None:
    logger().warning(
        "a vendor failed",
        job_id=job.job_id,
        attempt=job.attempt.number,
        provider=job.provider,
        error=type(error).__name__,
    )
    if isinstance(error, ProviderQuota):
        count("ProviderQuota", provider=job.provider)


def wait_for_vendor(engine: Engine, job: Job) -> NextStep:
    """Waits for a webhook, at most until the next poll: some seconds growing to 60.

    Polls cost. A run's job, which no client watches, is polled late if its vendor sends webhooks,
    until one has come; the first wait is spent in the state that submitted the job (`hold`).
    """
    polling = settings(Polling)
    is_of_run = bool(job.parent_token or job.run_id)
    expects_webhook = is_of_run and not job.counts.hints
    if not (expects_webhook and engine.provider(job.provider).has_webhooks):
        return _wait(job, polling.poll_seconds)
    if (
        not job.counts.polls
        and now_seconds() + first_wait_seconds() < job.terms.deadline_at_seconds
    ):
        return NextStep(route="hold")
    return _wait(job, polling.webhook_poll_seconds)


def wait_for_lookup(job: Job) -> NextStep:
    """Waits before looking up a create that was not answered: 3 s growing to 60."""
    return _wait(job, FIRST_LOOKUP_SECONDS)


def wait_for_file(job: Job) -> NextStep:
    """Waits before asking again for a file that can't be read yet, or a vendor that is out."""
    return _wait(job, settings(Polling).poll_seconds)


def wait_for_recovery(engine: Engine, job: Job, seconds: int) -> NextStep:
    """Waits before a create while the vendor's circuit is open: `seconds` plus jitter, at most 60.
    If the built-in model is allowed it is used instead; without time left the job fails.
    """
    jitter = random.uniform(0, seconds)  # noqa: S311 - not a secret
    wait = min(LONGEST_WAIT_SECONDS, seconds + int(jitter))
    is_late = now_seconds() + wait >= job.terms.deadline_at_seconds
    if is_late or job.terms.allow_builtin_fallback:
        out = ProviderError("the vendor is out", code=ProviderUpstream.code)
        return on_error(engine, job, out)
    if job.attempt.out_since_seconds is None:
        engine.jobs.keep_back(job, wait)
    return NextStep(route="backoff", wait_seconds=wait)


def _wait(job: Job, first_seconds: int) -> NextStep:
    seconds = min(LONGEST_WAIT_SECONDS, first_seconds * WAIT_GROWTH ** min(job.counts.polls, 10))
    now = now_seconds()
    ahead = job.last_moment_seconds if job.is_overdue(now) else job.terms.deadline_at_seconds
    left = ahead - now if ahead > now else LONGEST_WAIT_SECONDS
    return NextStep(route="await", wait_seconds=max(1, min(int(seconds), left)))
