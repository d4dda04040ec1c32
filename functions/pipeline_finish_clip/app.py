"""FinishClip: the piece is brought to the film's format."""

from typing import Any

from showreel.films.pipeline.finish import finish_clip
from showreel.films.pipeline.steps import FinishTask
from showreel.films.pipeline.transitions import tell


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point. The token tells which transition the iteration makes next."""
    task = FinishTask.model_validate(event)
    tell(task.token, finish_clip(task))
    return {}
