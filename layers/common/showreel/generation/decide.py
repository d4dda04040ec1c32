"""Decides what a vendor's error means for a job. Pure: time and randomness are arguments."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from showreel.catalog import Model, Price, find_model, get_model, price, replacement, snap_duration
from showreel.catalog.forms import check_inputs
from showreel.catalog.values import InputMediaUrl
from showreel.core.dynamo import Item
from showreel.core.errors import (
    InvalidInput,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.generation.models import InputMedia, InputUrl, Job, JobFields

MAX_ATTEMPTS = 3
FALLBACK_MODEL = "showreel/camera-motion"
BACKOFF_BASE_SECONDS = 2.0
BACKOFF_CAP_SECONDS = 60.0
REFUSALS = 60
"""How often a create is sent again to a vendor that is out: for about half an hour."""
REFUSALS_BEFORE_FALLBACK = 8
"""The same for a job that the built-in model may make: for a minute or two."""


@dataclass(frozen=True)
class Wait:
    """Send the same attempt again after `seconds`: nothing was created."""

    seconds: int


@dataclass(frozen=True)
class Again:
    """Make another attempt after `seconds`, with these changes to the row."""

    seconds: int
    changes: Item = field(default_factory=dict)


@dataclass(frozen=True)
class Fail:
    """End the job as failed."""

    error_code: str


Decision = Wait | Again | Fail


def decide(job: Job, error: ProviderError, *, now_seconds: int, random_unit: float) -> Decision:
    """Returns whether to wait, try again, use a replacement, fall back if allowed, or fail.

    A refused prompt or picture is final: another model would be asked for something else. So is
    any failure after acceptance, if the job may be accepted only once (`Terms.retry_accepted`).
    """
    if job.prediction_id and not job.terms.retry_accepted:
        return Fail(error.code)
    if isinstance(error, ProviderInvalidInput | ProviderContentPolicy):
        return Fail(error.code)
    overdue = job.is_overdue(now_seconds)
    if _is_too_early(job, error) and not overdue:
        retry_after = getattr(error, "retry_after_seconds", None)
        seconds = backoff_seconds(job.counts.throttles, random_unit, retry_after)
        if now_seconds + seconds < job.terms.deadline_at_seconds:
            return Wait(seconds)
    elif error.retryable and job.attempt.number < MAX_ATTEMPTS and not overdue:
        return Again(backoff_seconds(job.attempt.number, random_unit, None))
    return _other_model(job, error, overdue=overdue) or Fail(error.code)


def _is_too_early(job: Job, error: ProviderError) -> bool:
    """Returns whether the same create may succeed later: a rate limit, or a vendor that is out."""
    if isinstance(error, ProviderRateLimited):
        return True
    most = REFUSALS_BEFORE_FALLBACK if job.terms.allow_builtin_fallback else REFUSALS
    is_out = isinstance(error, ProviderUpstream) and job.prediction_id is None
    return is_out and job.counts.throttles < most


def backoff_seconds(failures: int, random_unit: float, retry_after_seconds: float | None) -> int:
    """Returns a wait: full jitter over a doubling range, added to the vendor's `Retry-After`."""
    ceiling = min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** min(failures, 10))
    earliest = retry_after_seconds or 0.0
    return max(1, int(-(-(earliest + ceiling * random_unit) // 1)))


def _other_model(job: Job, error: ProviderError, *, overdue: bool) -> Again | None:
    new = _replacement(job) if isinstance(error, ProviderModelGone) and not overdue else None
    changed = _changed_inputs(job, new) if new is not None else None
    if new is not None and changed is not None:
        reason = f"model_gone:{job.model}->replacement:{new.id}"
        return Again(1, changed_model(job, new, reason) | changed | {"replaced": True})
    if job.terms.allow_builtin_fallback and job.catalogue_id != FALLBACK_MODEL:
        reason = f"{error.code}:{job.model}->builtin:{FALLBACK_MODEL}"
        return Again(0, changed_model(job, get_model(FALLBACK_MODEL), reason))
    return None


def _replacement(job: Job) -> Model | None:
    """Returns the catalogue's replacement, once per job, if it can do the same."""
    old = find_model(job.catalogue_id)
    is_over = job.replaced or not job.terms.may_be_replaced
    new = replacement(old) if old and not is_over else None
    return new if new is not None and _can_do(new, job) else None


def _can_do(model: Model, job: Job) -> bool:
    if job.wanted.inputs:
        return model.workflow_type == get_model(job.catalogue_id).workflow_type
    inputs, ratios = model.capabilities.inputs, model.capabilities.aspect_ratios
    return (
        (not ratios or job.wanted.aspect_ratio in ratios)
        and (job.wanted.has_first_picture or inputs.image != "required")
        and (not job.wanted.has_last_picture or inputs.end_image != "none")
    )


def _changed_inputs(job: Job, new: Model) -> Item | None:
    """Returns the row's change of a caller's own inputs to another model's names, None if it can't
    take them.

    The media in a job's inputs are keys of our bucket, or URLs that are fetched later; both stay.
    """
    wanted = job.wanted
    if not wanted.inputs:
        return {}
    try:
        checked = check_inputs(new, wanted.inputs)
    except InvalidInput:
        return None
    keys, urls = ({one.key for one in wanted.input_media}, {one.url for one in wanted.input_urls})
    if {media.url for media in checked.media} != keys | urls:
        return None
    changed = {"inputs": checked.inputs} | placed(checked.media, keys)
    return {"wanted": wanted.model_copy(update=changed).model_dump()}


def placed(media: Iterable[InputMediaUrl], keys: Container[str]) -> dict[str, Any]:
    """Returns the fields of `Wanted` that place media in the inputs; URLs in `keys` are keys."""
    every = tuple(media)
    return {
        "input_media": tuple(
            InputMedia(path=one.path, key=one.url) for one in every if one.url in keys
        ),
        "input_urls": tuple(
            InputUrl(path=one.path, url=one.url, kind=one.kind)
            for one in every
            if one.url not in keys
        ),
    }


def price_of(model: Model, order: JobFields, duration_seconds: int | None) -> Price:
    """Returns the price of an order by `model`, at the length that the model makes."""
    wanted = order.wanted
    return price(
        model,
        duration_seconds or wanted.duration_seconds,
        count=wanted.count,
        characters=wanted.characters,
        native_audio=wanted.native_audio,
        base_is_least=order.terms.base_is_least,
    )


def changed_model(job: Job, model: Model, reason: str) -> Item:
    """Returns the row's changes when another model makes the job. The user never pays more than
    before.
    """
    made = job.duration_seconds
    duration_seconds = None if made is None else snap_duration(model, made)
    new = price_of(model, job, duration_seconds)
    earlier = f"{job.fallback_reason}; " if job.fallback_reason else ""
    return {
        "model": model.binding.makes or model.id,
        "catalogue_id": model.id,
        "provider": model.binding.provider,
        "duration_seconds": duration_seconds,
        "credits": min(job.credits, new.credits),
        "cost_cents": new.cost_cents,
        "fallback_used": True,
        "fallback_reason": earlier + reason,
    }
