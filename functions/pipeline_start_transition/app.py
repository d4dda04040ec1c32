"""StartTransition: starts a generation, or reuses an earlier one."""

from typing import Any

from showreel.films.pipeline.start import start_transition
from showreel.films.pipeline.steps import PieceTokenTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    start_transition(PieceTokenTask.model_validate(event), context.invoked_function_arn)
