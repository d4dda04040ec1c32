"""FinishClip: the piece is brought to the film's format."""

from typing import Any

from showreel.films.pipeline.finish import finish_clip
from showreel.films.pipeline.steps import FinishTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return finish_clip(FinishTask.model_validate(event)).model_dump()
