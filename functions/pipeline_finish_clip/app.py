"""FinishClip: brings a clip to the film's format."""

from typing import Any

from showreel.films.pipeline.finish import finish_clip
from showreel.films.pipeline.steps import FinishClipTask


def handler(event: dict[str, Any], _context: Any) -> None:
    """Handles an invocation. The answer to the token decides how the iteration goes on."""
    finish_clip(FinishClipTask.model_validate(event))
