"""Vendors that answer a create with the finished file: one call, never sent again."""

import tempfile
from pathlib import Path

from showreel.catalog import bind, get_model
from showreel.core.errors import ConditionFailed, MediaError, ProviderError
from showreel.core.ids import new_id
from showreel.generation.deliver import BadDelivery, check, store
from showreel.generation.engine import Engine
from showreel.generation.models import Job, Step, StoredFile
from showreel.generation.outcome import on_error
from showreel.generation.submit import require_switched_on
from showreel.providers import SubmitLost, SubmitUnknown
from showreel.providers.instant import MakeRequest

MAKE_SECONDS = 240.0
"""The longest music takes tens of seconds; the function has 300."""


def make(engine: Engine, job_id: str) -> Step:
    """One step of the state machine: has the file made and stores it, or notes why there is none.

    Whoever finds `sending` set can't know whether the vendor has billed the call: the job ends.
    """
    job = engine.jobs.get(job_id)
    if job.is_finished or job.error_code or job.is_stored:
        return Step(route="settle")
    try:
        return _make(engine, job)
    except ConditionFailed:
        return Step(route="submit")


def _make(engine: Engine, job: Job) -> Step:
    if job.sending:
        return on_error(engine, job, SubmitLost("this vendor can't be asked"))
    sending = engine.jobs.begin_submit(job, new_id(), bind(get_model(job.catalogue_id)).provider)
    try:
        file = _made(engine, sending)
    except SubmitUnknown:
        return on_error(engine, sending, SubmitLost("the answer was lost"))
    except ProviderError as error:
        return on_error(engine, sending, error)
    engine.jobs.mark_stored(sending, [file])
    return Step(route="settle")


def _made(engine: Engine, job: Job) -> StoredFile:
    require_switched_on(job.provider)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result"
        engine.instant(job.provider).make(_request(job), path, total_seconds=MAKE_SECONDS)
        try:
            return store(job, path, check(job, path))
        except MediaError as error:  # billed already, so not made again
            raise ProviderError("the result is not usable", code=BadDelivery.code) from error


def _request(job: Job) -> MakeRequest:
    binding = bind(get_model(job.catalogue_id))
    kinds = {"text-to-speech": "speech", "text-to-music": "music"}
    return MakeRequest(
        upstream=binding.upstream,
        kind=kinds.get(get_model(job.catalogue_id).workflow_type, "sound"),  # type: ignore[arg-type]
        text=job.prompt,
        voice_id=job.voice_id,
        duration_seconds=job.seconds,
        parameters=binding.parameters,
    )
