"""FinalizeVideo: publishes the film and settles the run."""

from typing import Any

from showreel.films.pipeline.finalize_video import finalize_video
from showreel.films.pipeline.steps import FinalizeTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    finalize_video(FinalizeTask.model_validate(event), context.invoked_function_arn)
