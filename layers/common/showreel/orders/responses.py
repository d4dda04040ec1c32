"""Parts of the answers about a routed job: files, the vendor's output with our URLs, errors."""

import json
from typing import Any

from showreel.assets import keys
from showreel.generation import verdicts
from showreel.generation.models import Job, StoredFile
from showreel.generation.verdicts import code_of, text_of


def files(job: Job) -> list[dict[str, Any]]:
    """Returns the files of a completed job, best first, without unknown sizes and lengths."""
    return [_shown(job, file) for file in job.delivery.files] if job.status == "completed" else []


def _shown(job: Job, file: StoredFile) -> dict[str, Any]:
    url = keys.public_url(job.public_base_url, file.key)
    return {"url": url, **file.model_dump(exclude={"key"}, exclude_none=True)}


def vendors_form(job: Job) -> dict[str, Any] | None:
    """Returns the vendor's output with our URLs in it, or None if none was kept."""
    kept = json.loads(job.delivery.result) if job.delivery.result else None
    return kept if isinstance(kept, dict) else None


def storage_url(job: Job) -> str | None:
    """Returns the permanent URL of the first file, or None."""
    stored = files(job)
    return str(stored[0]["url"]) if stored else None


def disclosed(job: Job) -> dict[str, Any]:
    """Returns the requested and the used model, why they differ, and the media type."""
    made = {"resolved_model": job.model, "media_type": job.wanted.media_type}
    return verdicts.disclosed(job) | made


def fault(job: Job) -> dict[str, Any]:
    """Returns code and text of a job that ended without a result."""
    code = code_of(job)
    text = text_of(code, "result", "request")
    return {"code": code, "error": text, "message": text}
