"""FinishTransition: brings a transition to the film's format."""

from typing import Any

from showreel.films.pipeline.finish import finish_transition
from showreel.films.pipeline.steps import FinishTransitionTask


def handler(event: dict[str, Any], _context: Any) -> None:
    """Handles an invocation."""
    finish_transition(FinishTransitionTask.model_validate(event))
