"""Rows of routed jobs."""

from datetime import timedelta
from typing import Any

from showreel.core.clock import iso, now
from showreel.generation.models import Job

KLING = "fal-ai/kling-video/o3/standard/text-to-video"


def job(**fields: Any) -> Job:
    """A job that a vendor works on."""
    row: dict[str, Any] = {
        "job_id": "j",
        "workspace_id": "w",
        "kind": "fal-stream",
        "status": "processing",
        "requested_model": KLING,
        "model": KLING,
        "catalogue_id": KLING,
        "provider": "fal",
        "prompt": "Waves",
        "aspect_ratio": "16:9",
        "resolution": "1080p",
        "native_audio": False,
        "hold_id": "j",
        "own_hold": True,
        "capture_on": "delivery",
        "output_key": "generation-videos/a-long-enough-name.mp4",
        "deadline_at_seconds": 2_000_000_000,
        "public_base_url": "https://api.example.com/prod",
        "allow_builtin_fallback": False,
        "credits": 20,
        "cost_cents": 42,
        "created_at": iso(now() - timedelta(seconds=1)),
    }
    return Job.model_validate(row | fields)


def over(status: str, **fields: Any) -> Job:
    """A job that has ended and is settled."""
    moment = iso(now())
    return job(status=status, finished_at=moment, settled_at=moment, **fields)
