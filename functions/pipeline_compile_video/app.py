"""CompileVideo: joins the pieces and the sound to one film."""

from typing import Any

from showreel.films.pipeline.compile_video import compile_video
from showreel.runs.tasks import RunTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    return compile_video(RunTask.model_validate(event).run_id).model_dump()
