"""Jobs as the callers of these endpoints see them: the documented bodies and what we add.

Only `processing`, `completed` and `failed` are shown. No provider id but `prediction_id`, and no
text of a vendor's.
"""

import math
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.core.calls import Call
from showreel.core.clock import now
from showreel.core.errors import AppError, Conflict, InvalidInput, ProviderError
from showreel.core.http import json_response
from showreel.generation.models import Job

RETRY_AFTER_SECONDS = 5
TYPICAL_SECONDS = 60.0
"""After this time about two thirds of the bar are full."""
MOST_PROGRESS = 90
"""As far as time alone takes the bar."""
ACCEPTED_PROGRESS, STORED_PROGRESS = 10, 95
TEXTS = {
    "canceled": "The video was canceled",
    "content_policy": "The model refused the picture or the prompt because of its content",
    "provider_invalid_input": "The model can't use this picture or this prompt",
    "provider_timeout": "The model did not deliver in time",
    "timed_out": "The model did not deliver in time",
    "model_gone": "The model is no longer available",
    "provider_disabled": "The model is switched off at the moment",
    "provider_rate_limited": "The model is too busy at the moment",
    "submit_unknown": "It is not known whether the model took the order",
    "bad_delivery": "The model delivered a video that can't be used",
}
CALLERS_FAULTS = frozenset({"content_policy", "provider_invalid_input"})


def answer(job: Job, call: Call) -> Response[Any]:
    """200 with the video, or 202 while it is being made. Raises what a failed one is answered."""
    if job.status == "completed":
        return json_response(200, _completed(job, call), **_applied(call))
    if job.is_finished:
        raise failure(job)
    poll = f"{call.path}?job_id={job.job_id}"
    headers = {"Location": f"{call.base_url}{poll}", "Retry_After": str(RETRY_AFTER_SECONDS)}
    body = _pending(job) | {"message": f"Video generation in progress. Poll {poll}"}
    return json_response(202, body, **headers, **_applied(call))


def _applied(call: Call) -> dict[str, str]:
    return {"Preference_Applied": call.applied} if call.applied else {}


def _completed(job: Job, call: Call) -> dict[str, Any]:
    return {
        "success": True,
        "video_url": job.video_url,
        "model": job.model,
        "credits_used": credits_used(job),
        "duration_ms": call.elapsed_ms,
        "job_id": job.job_id,
        "status": "completed",
        "video_type": job.video_type,
        **_disclosed(job),
    }


def _pending(job: Job) -> dict[str, Any]:
    return {
        "success": True,
        "status": "processing",
        "job_id": job.job_id,
        "prediction_id": job.prediction_id,
        "model": job.model,
        "credits_used": credits_used(job),
        **_disclosed(job),
    }


def _disclosed(job: Job) -> dict[str, Any]:
    """What was asked for, and whether something else was made of it."""
    return {
        "duration": job.duration_seconds,
        "requested_model": job.requested_model,
        "fallback_used": job.fallback_used,
        "fallback_reason": job.fallback_reason,
    }


def failure(job: Job) -> AppError:
    """The error of a job that ended without a video."""
    code = _code(job)
    details = {
        "status": "failed",
        "job_id": job.job_id,
        "model": job.model,
        "credits_used": credits_used(job),
        **_disclosed(job),
    }
    if code == "canceled":
        return Conflict(_text(code), code=code, details=details)
    kind = InvalidInput if code in CALLERS_FAULTS else ProviderError
    return kind(_text(code), code=code, details=details)


def status_of(job: Job) -> dict[str, Any]:
    """What a poll is answered: the job as its row says."""
    is_failed = job.is_finished and job.status != "completed"
    state = "failed" if is_failed else "completed" if job.is_finished else "processing"
    shown = {
        "success": not is_failed,
        "status": state,
        "job_id": job.job_id,
        "prediction_id": job.prediction_id,
        "model": job.model,
        "credits_used": credits_used(job),
        "created_at": job.created_at,
        "progress": progress(job, now()),
        "video_type": job.video_type,
        **_disclosed(job),
    }
    return shown | _ending(job)


def _ending(job: Job) -> dict[str, Any]:
    if not job.is_finished:
        return {}
    ended = {"completed_at": job.finished_at}
    if job.status == "completed":
        return ended | {"video_url": job.video_url}
    code = _code(job)
    return ended | {"error": _text(code), "code": code}


def credits_used(job: Job) -> int:
    """What is held while it isn't over, then what was really debited."""
    return job.credits_debited if job.is_finished else job.credits


def progress(job: Job, moment: datetime) -> int:
    """0-100, never backwards: it grows with time and with facts that stay on the row."""
    if job.status == "completed":
        return 100
    until = datetime.fromisoformat(job.finished_at) if job.finished_at else moment
    elapsed = max(0.0, (until - datetime.fromisoformat(job.created_at)).total_seconds())
    by_time = int(MOST_PROGRESS * (1 - math.exp(-elapsed / TYPICAL_SECONDS)))
    by_facts = ACCEPTED_PROGRESS if job.accepted_at else 0
    return max(by_time, STORED_PROGRESS if job.is_stored else by_facts)


def _code(job: Job) -> str:
    return "canceled" if job.status == "canceled" else job.error_code or "internal_error"


def _text(code: str) -> str:
    return TEXTS.get(code, "The video could not be made")
