"""WriteShots: writes a scene's shots while the language model answers."""

from typing import Any

from showreel.runs.tasks import RunTask
from showreel.storyboards.gen_shots.write_shots import write_shots


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    write_shots(RunTask.model_validate(event).run_id, context.invoked_function_arn)
