"""Responses of the sound endpoints: the documented body, a redirect for players, and polls."""

import json
import re
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from showreel.core.clock import now
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

RETRY_AFTER_SECONDS = 3
THING, INPUTS = "sound", "text"
MAX_ACCEPT_CHARS = 500
SOUND = frozenset({"audio/mpeg", "audio/*", "application/octet-stream"})
QUALITY = re.compile(r"q=([01](?:\.[0-9]{1,3})?)\Z")


def answer(job: Job, call: Call) -> Response[Any]:
    """Answers 200 with the sound, 202 while it is being made. Raises a failed job's error."""
    headers = {"Preference_Applied": call.applied} if call.applied else {}
    if job.status == "completed":
        return json_response(200, {"success": True, **shown(job)}, **headers)
    if job.is_finished:
        raise error_of(job, text_of(code_of(job), THING, INPUTS), shown(job))
    headers |= {
        "Location": f"{call.base_url}{call.path}?job_id={job.job_id}",
        "Retry_After": str(RETRY_AFTER_SECONDS),
    }
    return json_response(202, {"success": True, **shown(job)}, **headers)


def shown(job: Job) -> dict[str, Any]:
    """Returns the fields shown of a job in any state; those of its file once it is completed."""
    state = "completed" if job.status == "completed" else "failed"
    return {
        "status": state if job.is_finished else "processing",
        "job_id": job.job_id,
        "model": job.model,
        "credits": credits_used(job),
        "characters": job.wanted.characters,
        **_file(job),
        **disclosed(job),
    }


def _file(job: Job) -> dict[str, Any]:
    if job.status != "completed":
        return {}
    file = job.delivery.files[0]
    return {
        "url": job.video_url,
        "contentType": file.content_type,
        "durationSeconds": file.duration_seconds,
    }


def status_of(job: Job) -> dict[str, Any]:
    """Returns the body of a poll, from the job's row."""
    is_failed = job.is_finished and job.status != "completed"
    body = {
        "success": not is_failed,
        **shown(job),
        "progress": progress(job, now()),
        "created_at": job.created_at,
    }
    body |= {"completed_at": job.finished_at} if job.is_finished else {}
    code = code_of(job)
    return body | ({"error": text_of(code, THING, INPUTS), "code": code} if is_failed else {})


def as_accepted(app: APIGatewayRestResolver, response: Response[Any]) -> Response[Any]:
    """Returns the response, or a 303 to its sound if the `Accept` header prefers sound to JSON."""
    body = json.loads(response.body) if isinstance(response.body, str) else {}
    if "url" not in body or not prefers_sound(app.current_event.headers.get("accept") or ""):
        return response
    return Response(303, body="", headers={**response.headers, "Location": body["url"]})


def prefers_sound(accept: str) -> bool:
    """Returns whether the header ranks sound above JSON, by quality; `*/*` counts for neither."""
    sound = json_quality = 0.0
    for part in accept[:MAX_ACCEPT_CHARS].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = _quality(parameters)
        if name in SOUND:
            sound = max(sound, quality)
        elif name in {"application/json", "application/*"}:
            json_quality = max(json_quality, quality)
    return sound > json_quality


def _quality(parameters: list[str]) -> float:
    found = next(filter(None, map(QUALITY.match, parameters)), None)
    return min(1.0, float(found[1])) if found else 1.0
