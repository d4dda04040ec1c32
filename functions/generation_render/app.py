"""State RenderMotion: runs our own FFmpeg, a camera move over a still or an operation."""

from typing import Any

from showreel.generation.engine import jobs
from showreel.generation.steps.events import JobTask
from showreel.generation.steps.render_motion import render


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Handles `{"job_id"}`. Returns nothing; the result is on the job's row."""
    task = JobTask.model_validate(event)
    render(jobs(), task.job_id)
    return {}
