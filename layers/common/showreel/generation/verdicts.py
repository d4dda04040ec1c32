"""A job's progress and the reason for a missing result, as every product shows them."""

import math
from datetime import datetime
from typing import Any

from showreel.core.errors import AppError, Conflict, InvalidInput, ProviderError
from showreel.generation.models import Job

TYPICAL_SECONDS = 60.0
"""After this time, progress by time is at 63 % of `MOST_PROGRESS`."""
MOST_PROGRESS = 90
"""The limit of progress by time alone, in percent."""
ACCEPTED_PROGRESS, STORED_PROGRESS = 10, 95
TEXTS = {
    "canceled": "The {thing} was canceled",
    "content_policy": "The model refused the {inputs} because of its content",
    "provider_invalid_input": "The model can't use this {inputs}",
    "media_invalid": "A picture is damaged",
    "media_type": "A picture is not a still JPEG, PNG or WebP",
    "media_too_large": "A picture is too large",
    "image_missing": "A picture is gone",
    "provider_timeout": "The model did not deliver in time",
    "timed_out": "The model did not deliver in time",
    "model_gone": "The model is no longer available",
    "provider_disabled": "The model is switched off at the moment",
    "provider_rate_limited": "The model is too busy at the moment",
    "submit_unknown": "It is not known whether the model took the order",
    "bad_delivery": "The model delivered a {thing} that can't be used",
}
PICTURE_FAULTS = frozenset({"media_invalid", "media_type", "media_too_large", "image_missing"})
CALLERS_FAULTS = PICTURE_FAULTS | {"content_policy", "provider_invalid_input"}


def code_of(job: Job) -> str:
    """Returns why a finished job has no result, as a stable code."""
    return "canceled" if job.status == "canceled" else job.error_code or "internal_error"


def text_of(code: str, thing: str, inputs: str) -> str:
    """Returns the text of a code: `thing` was to be made of `inputs`."""
    return TEXTS.get(code, "The {thing} could not be made").format(thing=thing, inputs=inputs)


def error_of(job: Job, text: str, details: dict[str, Any]) -> AppError:
    """Returns the error for a call whose job ended without a result."""
    code = code_of(job)
    if code == "canceled":
        return Conflict(text, code=code, details=details)
    kind = InvalidInput if code in CALLERS_FAULTS else ProviderError
    return kind(text, code=code, details=details)


def disclosed(job: Job) -> dict[str, Any]:
    """Returns the fields that name the requested model and say whether another one is used."""
    return {
        "requested_model": job.requested_model,
        "fallback_used": job.fallback_used,
        "fallback_reason": job.fallback_reason,
    }


def credits_used(job: Job) -> int:
    """Returns the price while the job is open, then what was debited."""
    return job.credits_debited if job.is_finished else job.credits


def progress(job: Job, moment: datetime) -> int:
    """Returns 0-100, which never falls: it grows with time and with facts that stay on the row.

    Time counts until the job is settled, not to its end: in an outage an end is written long after
    its time, when readers have seen more progress.
    """
    if job.status == "completed":
        return 100
    until = datetime.fromisoformat(job.settled_at) if job.settled_at else moment
    elapsed = max(0.0, (until - datetime.fromisoformat(job.created_at)).total_seconds())
    by_time = int(MOST_PROGRESS * (1 - math.exp(-elapsed / TYPICAL_SECONDS)))
    is_accepted = job.attempt.accepted_at or job.reached in {"processing", "storing"}
    by_facts = ACCEPTED_PROGRESS if is_accepted else 0
    return max(by_time, STORED_PROGRESS if job.delivery.is_stored else by_facts)
