"""Jobs as the callers of these endpoints see them: the documented bodies and what we add.

Only `processing`, `completed` and `failed` are shown. No provider id but `prediction_id`, and no
text of a vendor's.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.core.clock import now
from showreel.core.errors import AppError
from showreel.edge.api import json_response
from showreel.edge.prefer import Call
from showreel.generation.models import Job
from showreel.generation.verdicts import (
    code_of,
    credits_used,
    disclosed,
    error_of,
    progress,
    text_of,
)

RETRY_AFTER_SECONDS = 5
THING, INPUTS = "video", "picture or prompt"


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
        "video_type": job.wanted.video_type,
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
    """Returns what was asked for, and whether something else was made of it."""
    return {"duration": job.duration_seconds, **disclosed(job)}


def failure(job: Job) -> AppError:
    """Returns the error of a job that ended without a video."""
    details = {
        "status": "failed",
        "job_id": job.job_id,
        "model": job.model,
        "credits_used": credits_used(job),
        **_disclosed(job),
    }
    return error_of(job, text_of(code_of(job), THING, INPUTS), details)


def status_of(job: Job) -> dict[str, Any]:
    """Returns what a poll is answered: the job as its row says."""
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
        "video_type": job.wanted.video_type,
        **_disclosed(job),
    }
    return shown | _ending(job)


def _ending(job: Job) -> dict[str, Any]:
    if not job.is_finished:
        return {}
    ended = {"completed_at": job.finished_at}
    if job.status == "completed":
        return ended | {"video_url": job.video_url}
    code = code_of(job)
    return ended | {"error": text_of(code, THING, INPUTS), "code": code}
