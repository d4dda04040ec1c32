"""LoadShots: starts the run and lists its shots."""

from typing import Any

from showreel.runs.tasks import RunTask
from showreel.storyboards.batch.steps import load_shots


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    run_id = RunTask.model_validate(event).run_id
    return load_shots(run_id, context.invoked_function_arn).model_dump()
