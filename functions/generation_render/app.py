"""State RenderMotion: our own FFmpeg, a camera over the still or an operation on media."""

from typing import Any

from showreel.generation.engine import jobs
from showreel.generation.steps.events import JobTask
from showreel.generation.steps.render_motion import render


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """`{"job_id"}` → nothing; the row tells what became of it."""
    task = JobTask.model_validate(event)
    render(jobs(), task.job_id)
    return {}
