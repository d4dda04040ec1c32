"""StartClip: starts a generation, or reuses an earlier one."""

from typing import Any

from showreel.films.pipeline.start import start_clip
from showreel.films.pipeline.steps import PieceTokenTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    start_clip(PieceTokenTask.model_validate(event), context.invoked_function_arn)
