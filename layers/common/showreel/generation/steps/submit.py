"""Sends a job to its vendor once per attempt, whatever breaks in between.

    queued → [write: submitting, sending] → POST with our attempt key → [write: the task id]

A process that finds `sending` set can't know whether the create arrived, so it looks the job up.
The same attempt key is sent again only if the vendor's look-up sees every job, and not this one for
a while. So all that a create needs of ours, keys and pictures too, is read before `sending` is set.
"""

from dataclasses import replace
from typing import Any

from showreel.assets.service import storage
from showreel.catalog import Binding, bind, get_model
from showreel.catalog.paths import copied, put
from showreel.core.clock import now_seconds
from showreel.core.errors import (
    ConditionFailed,
    HoldClosed,
    InvalidInput,
    NotFound,
    ProviderError,
    ProviderInvalidInput,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.core.ids import new_id
from showreel.core.observability import count, logger
from showreel.core.settings import ProviderSwitches, settings
from showreel.generation.callbacks import callback_url
from showreel.generation.engine import Engine
from showreel.generation.fetched import fetch_all, fetched_media
from showreel.generation.models import Job, NextStep
from showreel.generation.outcome import (
    on_error,
    wait_for_lookup,
    wait_for_recovery,
    wait_for_vendor,
)
from showreel.generation.pictures import failure_code, given, prepare
from showreel.generation.steps.calling import check_health
from showreel.generation.turns import return_to_lane
from showreel.providers.base import (
    InputPicture,
    Lookup,
    Provider,
    SubmitLost,
    SubmitRequest,
    SubmitUnknown,
    VendorTask,
)
from showreel.providers.registry import BUILTIN, SYNCHRONOUS, TEXT

INPUT_URL_SECONDS = 3600
"""Lifetime of signed input URLs: a vendor reads its inputs soon after the create."""
LOOKUP_GRACE_SECONDS = 30
"""How long a create that was not answered may take to become visible at its vendor."""
UNKNOWN_SECONDS = 300
"""How long a create that may not be sent again is looked up, and its webhook awaited."""

LOST_SECONDS = 3600
"""How long an ended job's lost task is looked up at a vendor that doesn't answer."""


def submit(engine: Engine, job_id: str, lost_seconds: int = 0) -> NextStep:
    """Sends the job to its vendor, unless that is done; returns the next step. The deadline moves
    by `lost_seconds`, for which our own infrastructure was down.
    """
    job = engine.jobs.get(job_id)
    try:
        return _next_step(engine, job, lost_seconds)
    except ConditionFailed:  # another step changed the row in between
        job = engine.jobs.get(job_id)
        return NextStep(route="settle") if job.is_finished else wait_for_lookup(job)


def _next_step(engine: Engine, job: Job, lost_seconds: int) -> NextStep:
    if job.is_decided:
        return NextStep(route="settle")
    if job.prediction_id:
        return wait_for_vendor(engine, job)
    if not return_to_lane(engine, job):
        return NextStep(route="hold")
    return _attempt(engine, job, lost_seconds)


def _attempt(engine: Engine, job: Job, lost_seconds: int) -> NextStep:
    if job.provider == BUILTIN or job.provider in SYNCHRONOUS | TEXT:
        return NextStep(route="render" if job.provider == BUILTIN else "make")
    if job.attempt.sending:
        return recover(engine, job)
    if job.is_overdue(now_seconds() - lost_seconds):
        return on_error(engine, job, ProviderTimeout("the deadline passed before a submission"))
    return _send(engine, job, lost_seconds)


def _send(engine: Engine, job: Job, lost_seconds: int) -> NextStep:
    try:
        binding = bind(get_model(job.catalogue_id))
        prepare(job)
        fetch_all(job)
    except ProviderError as error:
        return on_error(engine, job, error)
    except (InvalidInput, NotFound) as error:
        engine.jobs.mark_failed(job, failure_code(error))
        return NextStep(route="settle")
    if pause := engine.circuits.pause(binding.provider, "submit"):
        return wait_for_recovery(engine, job, pause)
    return _send_bound(engine, job, binding, lost_seconds)


def _send_bound(engine: Engine, job: Job, binding: Binding, lost_seconds: int) -> NextStep:
    try:
        require_switched_on(binding.provider)
        provider = engine.provider(binding.provider)
        check_health(engine, binding.provider, provider, binding.upstream)
    except ProviderError as error:
        return on_error(engine, job, error)
    request = _request(job.model_copy(update={"provider": binding.provider}), binding, provider)
    sending = engine.jobs.begin_submit(job, new_id(), binding.provider, lost_seconds)
    try:
        task = _post(engine, sending.provider, provider, request)
    except SubmitUnknown:
        return recover(engine, sending)
    except (ProviderUpstream, ProviderInvalidInput) as error:
        return _refused(engine, sending, error)
    except ProviderError as error:
        return on_error(engine, sending, error)
    return accept(engine, sending, task)


def require_switched_on(provider: str) -> None:
    """Raises ProviderError `provider_disabled` for a vendor that the operator switched off."""
    if provider in settings(ProviderSwitches).disabled_providers.replace(" ", "").split(","):
        raise ProviderError("switched off by the operator", code="provider_disabled")


def _post(engine: Engine, name: str, provider: Provider, request: SubmitRequest) -> VendorTask:
    with engine.circuits.watched(name, "submit"):
        return provider.submit(request)


def _refused(engine: Engine, job: Job, error: ProviderError) -> NextStep:
    """Handles a create that made nothing. Looks up whether an earlier send of the attempt did: a
    vendor may refuse a create because it knows the attempt key.
    """
    provider = engine.provider(job.provider)
    if provider.recovery != "resend":
        return on_error(engine, job, error)
    try:
        task = provider.find(_lookup(job))
    except ProviderError:
        return wait_for_lookup(job)
    return accept(engine, job, task) if task else on_error(engine, job, error)


def recover(engine: Engine, job: Job) -> NextStep:
    """Looks up a create that was not answered; returns the next step."""
    provider = engine.provider(job.provider)
    if provider.recovery == "none":
        return on_error(engine, job, SubmitLost("this vendor can't be asked"))
    try:
        task = provider.find(_lookup(job))
    except ProviderError:  # a vendor that is out says nothing
        return _still_unknown(engine, job, has_answered=False)
    if task is not None:
        return accept(engine, job, task)
    grace_is_over = now_seconds() >= (job.attempt.sent_at_seconds or 0) + LOOKUP_GRACE_SECONDS
    if grace_is_over and provider.recovery == "resend":
        engine.jobs.end_submit(job)
        return NextStep(route="submit")
    return _still_unknown(engine, job, has_answered=True)


def _still_unknown(engine: Engine, job: Job, *, has_answered: bool) -> NextStep:
    now = now_seconds()
    is_final = has_answered and engine.provider(job.provider).recovery != "resend"
    is_given_up = is_final and now >= (job.attempt.sent_at_seconds or 0) + UNKNOWN_SECONDS
    if is_given_up or job.is_overdue(now):
        return on_error(engine, job, SubmitLost("no vendor knows the job"))
    return wait_for_lookup(job)


def _lookup(job: Job) -> Lookup:
    image = _picture(given(job).first)
    return Lookup(
        external_id=job.external_id,
        sent_at_seconds=job.attempt.sent_at_seconds or 0,
        upstream=bind(get_model(job.catalogue_id)).upstream,
        prompt=job.wanted.prompt,
        image_path=image.path if image else None,
        reported_task_id=job.attempt.reported_task_id,
    )


def accept(engine: Engine, job: Job, task: VendorTask) -> NextStep:
    """Stores the vendor's task, and captures the credits if the terms say on acceptance."""
    try:
        return wait_for_vendor(engine, _accepted(engine, job, task))
    except (ConditionFailed, HoldClosed):
        return _orphaned(engine, job, task)


def _accepted(engine: Engine, job: Job, task: VendorTask) -> Job:
    if job.terms.capture_on == "acceptance" and not job.credits_debited:
        engine.ledger.capture(
            job.workspace_id,
            job.hold_id,
            job.credits,
            job_id=job.job_id,
            run_id=job.run_id,
            with_writes=[engine.jobs.accept_write(job, task, credits_debited=job.credits)],
        )
    return engine.jobs.accept(job, task)


def _orphaned(engine: Engine, job: Job, task: VendorTask) -> NextStep:
    """Cancels the task of a job that meanwhile ended, moved on, or lost its hold."""
    current = engine.jobs.get(job.job_id)
    if current.prediction_id == task.task_id:
        return wait_for_vendor(engine, current)
    _stop(engine, job, task)
    if not current.is_finished and current.attempt.number == job.attempt.number:
        count("LedgerError", step="accept")
        engine.jobs.mark_failed(current, "hold_closed")
    return NextStep(route="settle")


def _stop(engine: Engine, job: Job, task: VendorTask) -> None:
    try:
        engine.provider(job.provider).cancel(task)
    except ProviderError:
        logger().warning("a vendor did not cancel", job_id=job.job_id, provider=job.provider)


def stop_lost(engine: Engine, job: Job) -> None:
    """Looks up and cancels the task of a job that ended while its create was on its way, when the
    process that sent it died. Repeated while the vendor can't be asked.
    """
    try:
        task = engine.provider(job.provider).find(_lookup(job))
    except ProviderError:
        if now_seconds() < (job.attempt.sent_at_seconds or 0) + LOST_SECONDS:
            engine.jobs.look_once_more(job)
            return
        task = None
    if task is not None:
        _stop(engine, job, task)
    engine.jobs.forget(job)


def _request(job: Job, binding: Binding, provider: Provider) -> SubmitRequest:
    pictures = given(job)
    return SubmitRequest(
        external_id=job.external_id,
        upstream=binding.upstream,
        parameters=binding.parameters,
        prompt="" if job.wanted.inputs else job.wanted.prompt,
        duration_seconds=job.duration_seconds or 0,
        image=_sent(provider, pictures.first),
        end_image=_sent(provider, pictures.last),
        aspect_ratio=job.wanted.aspect_ratio,
        resolution=binding.resolution or job.wanted.resolution,
        native_audio=job.wanted.native_audio,
        callback_url=callback_url(job, provider) if provider.has_webhooks else None,
        inputs=_inputs(job),
    )


def _inputs(job: Job) -> dict[str, Any]:
    """Returns the vendor's own input fields, with signed URLs in their places."""
    inputs: dict[str, Any] = copied(job.wanted.inputs)
    for media in (*job.wanted.input_media, *fetched_media(job)):
        url = storage().signed_get(media.key, expires_seconds=INPUT_URL_SECONDS)
        put(inputs, tuple(media.path), url)
    return inputs


def _picture(key: str | None) -> InputPicture | None:
    if key is None:
        return None
    url = storage().signed_get(key, expires_seconds=INPUT_URL_SECONDS)
    return InputPicture(url, lambda: storage().get(key))


def _sent(provider: Provider, key: str | None) -> InputPicture | None:
    """Returns the picture, read now if the vendor takes bytes. Raises Transient, NotFound."""
    picture = _picture(key)
    if picture is None or not provider.reads_pictures:
        return picture
    data = picture.read()
    return replace(picture, read=lambda: data)
