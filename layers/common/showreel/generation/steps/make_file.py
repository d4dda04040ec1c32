"""Vendors that answer a create with the finished file: one call per attempt, never sent again.

    queued → [write: submitting, sending] → POST → the file, checked → our bucket → [write: stored]

These vendors can't be asked what became of a call. A process that finds `sending` set looks into
our bucket: a file that is there is delivered, otherwise the create is lost. So our keys are read
and the bucket has answered before `sending` is set. A file that can't be stored then is made again
by another attempt.
"""

import tempfile
from pathlib import Path
from typing import Any

from showreel.assets.service import storage
from showreel.catalog import bind, get_model
from showreel.core.errors import (
    ConditionFailed,
    MediaError,
    NotFound,
    ProviderError,
    Transient,
)
from showreel.core.ids import new_id
from showreel.generation.deliver import BadDelivery, check, file_key, store
from showreel.generation.engine import Engine
from showreel.generation.models import Job, NextStep, StoredFile
from showreel.generation.outcome import on_error
from showreel.generation.steps.calling import call, check_health
from showreel.generation.steps.make_text import make_text
from showreel.generation.steps.submit import require_switched_on
from showreel.providers.base import SubmitLost, SubmitUnknown
from showreel.providers.registry import TEXT
from showreel.providers.synchronous import MadeFile, MakeRequest, SoundKind, SynchronousProvider

MAKE_SECONDS = 240.0
"""The longest music takes tens of seconds; the function has 300."""
CONTENT_TYPE = "audio/mpeg"
"""The type that is ordered, and so the extension of a file that an earlier process stored."""
KINDS: dict[str, SoundKind] = {
    "eleven-speech": "speech",
    "eleven-sound": "sound",
    "eleven-music": "music",
}
"""What is made, by the model's form."""
OWN_FIELDS = frozenset(
    {"text", "prompt", "voice_id", "model_id", "duration_seconds", "music_length_ms"}
)
"""Inputs that have their own field in `MakeRequest`; the others are parameters."""


class Unstored(ProviderError):
    """The vendor made the file but our bucket didn't take it: another attempt makes it again, at
    our cost, once the bucket answers.
    """

    code = "internal_error"
    retryable = True


def make(engine: Engine, job_id: str, lost_seconds: int = 0) -> NextStep:
    """Makes the job's file or text and stores it, or notes why there is none.

    Raises Transient for our own storage; the state machine then retries.
    """
    job = engine.jobs.get(job_id)
    if job.is_decided:
        return NextStep(route="settle")
    if job.provider in TEXT:
        return make_text(engine, job_id, lost_seconds)
    try:
        if job.attempt.sending:
            return _recover(engine, job)
        return call(engine, job, lost_seconds, _send)
    except ConditionFailed:
        return NextStep(route="submit")


def _send(engine: Engine, job: Job, provider: str, lost_seconds: int) -> NextStep:
    """Sends the create, after reading all that is ours and making sure that the bucket answers."""
    try:
        require_switched_on(provider)
        maker, request = engine.synchronous(provider), _request(job)
        check_health(engine, provider, maker, request.upstream)
    except ProviderError as error:
        return on_error(engine, job, error)
    storage().exists(file_key(job, 0, CONTENT_TYPE))
    sending = engine.jobs.begin_submit(job, new_id(), provider, lost_seconds)
    try:
        file = _made(engine, sending, maker, request)
    except SubmitUnknown:
        return on_error(engine, sending, SubmitLost("the answer was lost"))
    except ProviderError as error:
        return on_error(engine, sending, error)
    return _stored(engine, sending, file)


def _stored(engine: Engine, job: Job, file: StoredFile) -> NextStep:
    engine.jobs.mark_stored(job, [file])
    return NextStep(route="settle")


def _made(engine: Engine, job: Job, maker: SynchronousProvider, request: MakeRequest) -> StoredFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result"
        with engine.circuits.watched(job.provider, "submit"):
            made = maker.make(request, path, total_seconds=MAKE_SECONDS)
        file = _checked(job, path, made)
        try:
            return store(job, path, file)
        except Transient as error:
            if _is_there(file):
                raise
            raise Unstored("our bucket didn't take the file") from error


def _is_there(file: StoredFile) -> bool:
    """Returns whether the object is in the bucket; False also if the bucket can't be read."""
    try:
        return storage().exists(file.key)
    except Transient:
        return False


def _checked(job: Job, path: Path, made: MadeFile) -> StoredFile:
    """Checks the file. Raises plain ProviderError, which isn't retried: the file is billed."""
    try:
        file = check(job, path)
    except MediaError as error:
        raise ProviderError("the result is not usable", code=BadDelivery.code) from error
    if not file.content_type == made.content_type == CONTENT_TYPE:
        raise ProviderError("the result is of another kind", code=BadDelivery.code)
    return file


def _recover(engine: Engine, job: Job) -> NextStep:
    """Goes on after a process that sent the create and died, or couldn't store its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result"
        try:
            storage().get_file(file_key(job, 0, CONTENT_TYPE), path)
        except NotFound:
            return on_error(engine, job, SubmitLost("this vendor can't be asked"))
        return _stored(engine, job, store(job, path, check(job, path)))


def _request(job: Job) -> MakeRequest:
    """Returns the vendor's request. The binding's parameters are always sent."""
    model = get_model(job.catalogue_id)
    binding, inputs = bind(model), job.wanted.inputs
    own: dict[str, Any] = {name: of for name, of in inputs.items() if name not in OWN_FIELDS}
    return MakeRequest(
        upstream=inputs.get("model_id", binding.upstream),
        kind=KINDS[model.form],
        text=job.wanted.prompt,
        voice_id=job.wanted.voice_id or inputs.get("voice_id"),
        duration_seconds=job.wanted.duration_seconds,
        parameters=own | binding.parameters,
    )
