"""FinishJoint: the piece is brought to the film's format."""

from typing import Any

from showreel.films.pipeline.finish import finish_joint
from showreel.films.pipeline.joints import tell
from showreel.films.pipeline.steps import FinishTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point. The token tells which joint the iteration makes next."""
    task = FinishTask.model_validate(event)
    tell(task.token, finish_joint(task))
    return {}
