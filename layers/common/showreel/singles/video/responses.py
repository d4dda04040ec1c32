"""Responses of the video endpoints: the documented bodies and our own additions.

Only `processing`, `completed` and `failed` are shown. Of the vendor only `prediction_id` is shown,
and none of its messages.
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
    """Answers 200 with the video, 202 while it is being made. Raises a failed job's error."""
    headers = {"Preference_Applied": call.applied} if call.applied else {}
    shown = {"success": True, **_shown(job)}
    if job.status == "completed":
        made = {"video_url": job.video_url, "video_type": job.wanted.video_type}
        return json_response(200, shown | made | {"duration_ms": call.elapsed_ms}, **headers)
    if job.is_finished:
        raise failure(job)
    poll = f"{call.path}?job_id={job.job_id}"
    headers |= {"Location": f"{call.base_url}{poll}", "Retry_After": str(RETRY_AFTER_SECONDS)}
    message = f"Video generation in progress. Poll {poll}"
    body = shown | {"prediction_id": job.prediction_id, "message": message}
    return json_response(202, body, **headers)


def _shown(job: Job) -> dict[str, Any]:
    """Returns the fields shown of a job in any state."""
    state = "completed" if job.status == "completed" else "failed"
    return {
        "status": state if job.is_finished else "processing",
        "job_id": job.job_id,
        "model": job.model,
        "credits_used": credits_used(job),
        "duration": job.duration_seconds,
        **disclosed(job),
    }


def failure(job: Job) -> AppError:
    """Returns the error of a job that ended without a video."""
    return error_of(job, text_of(code_of(job), THING, INPUTS), _shown(job))


def status_of(job: Job) -> dict[str, Any]:
    """Returns the body of a poll, from the job's row."""
    shown = _shown(job) | {
        "prediction_id": job.prediction_id,
        "created_at": job.created_at,
        "progress": progress(job, now()),
        "video_type": job.wanted.video_type,
    }
    return {"success": shown["status"] != "failed", **shown, **_ending(job)}


def _ending(job: Job) -> dict[str, Any]:
    if not job.is_finished:
        return {}
    ended = {"completed_at": job.finished_at}
    if job.status == "completed":
        return ended | {"video_url": job.video_url}
    code = code_of(job)
    return ended | {"error": text_of(code, THING, INPUTS), "code": code}
