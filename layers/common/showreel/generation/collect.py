"""Asks the vendor, the only truth, and brings a result home.

A result is downloaded from the vendor's own hosts only, checked by probing, and stored under the
job's key; the key is fixed when the job is made, so that a repeated collect writes the same object.
"""

import tempfile
from pathlib import Path

from showreel.assets.service import copy_result, storage
from showreel.core.clock import now_seconds
from showreel.core.errors import (
    ConditionFailed,
    InvalidInput,
    ProviderError,
    ProviderTimeout,
    ProviderUpstream,
    Transient,
)
from showreel.core.observability import logger
from showreel.core.settings import Providers, settings
from showreel.generation.engine import Engine
from showreel.generation.models import Job, Step
from showreel.generation.outcome import on_error, wait_for_vendor
from showreel.generation.settle import stop_at_vendor
from showreel.generation.submit import recover
from showreel.media.probe import verify_delivery
from showreel.providers import BUILTIN, Failed, Pending, PollResult, Provider, Succeeded, Task

DOWNLOADS = 2
"""A file that arrives broken is fetched once more before the vendor is blamed."""
DOWNLOAD_SECONDS = 80.0
"""All downloads together fit into the function's time with room for probing and storing."""
MAX_CLIP_BYTES = 400_000_000
VIDEO = "video/mp4"


class BadDelivery(ProviderUpstream):
    """The vendor's file is not the video that was asked for."""

    code = "bad_delivery"


def collect(engine: Engine, job_id: str) -> Step:
    """One step of the state machine: waits on, tries again, or stores the result."""
    job = engine.jobs.begin_poll(job_id)
    try:
        return _next_step(engine, job)
    except ConditionFailed:
        return Step(route="submit")


def _next_step(engine: Engine, job: Job) -> Step:
    if job.is_finished or job.error_code or job.is_stored:
        return Step(route="settle")
    if job.provider == BUILTIN:
        return Step(route="render")
    if not (job.prediction_id and job.provider_handle):
        return recover(engine, job) if job.sending else Step(route="submit")
    provider = engine.provider(job.provider)
    return _follow(engine, job, provider, Task(job.prediction_id, job.provider_handle))


def _follow(engine: Engine, job: Job, provider: Provider, task: Task) -> Step:
    match _poll(provider, task, job):
        case Succeeded() as result:
            return _bring_home(engine, job, provider, result)
        case Failed(error):
            return on_error(engine, job, error)
        case Pending():
            return _keep_waiting(engine, job)


def _poll(provider: Provider, task: Task, job: Job) -> PollResult:
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
        return wait_for_vendor(job)
    if not stop_at_vendor(engine, job) and now < job.last_moment_seconds:
        return wait_for_vendor(job)
    return on_error(engine, job, ProviderTimeout("the deadline passed"))


def _bring_home(engine: Engine, job: Job, provider: Provider, result: Succeeded) -> Step:
    storing = engine.jobs.advance(job, "storing")
    try:
        store_result(storing, provider, result)
    except BadDelivery as error:
        return on_error(engine, storing, error)
    except _NotYet:
        return _keep_waiting(engine, storing)
    engine.jobs.mark_stored(storing)
    return Step(route="settle")


class _NotYet(Exception):
    """The vendor's file can't be read just now."""


def store_result(job: Job, provider: Provider, result: Succeeded) -> None:
    """Downloads, checks and stores. Raises BadDelivery, or Transient for our own storage."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.mp4"
        _fetch_good(job, provider, result, path)
        storage().put_file(job.output_key, path, VIDEO)


def _fetch_good(job: Job, provider: Provider, result: Succeeded, path: Path) -> None:
    for download in range(1, DOWNLOADS + 1):
        try:
            _fetch(provider, result, path)
            verify_delivery(path, wanted_seconds=job.duration_seconds)
        except InvalidInput as error:
            if download == DOWNLOADS or error.code == "blocked_url":
                raise BadDelivery("the result is not usable") from error
        else:
            return


def _fetch(provider: Provider, result: Succeeded, path: Path) -> None:
    if result.data is not None:
        path.write_bytes(result.data)
        return
    exempt = settings(Providers).result_origins.replace(" ", "").split(",")
    try:
        copy_result(
            result.urls[0],
            path,
            headers=result.headers,
            allowed_hosts=provider.result_hosts,
            exempt_origins=[origin for origin in exempt if origin],
            max_bytes=MAX_CLIP_BYTES,
            total_seconds=DOWNLOAD_SECONDS,
        )
    except Transient as error:
        raise _NotYet from error
