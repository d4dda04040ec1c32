"""ReleaseCut: an export that can't go on is ended, and its credits return."""

from typing import Any

from showreel.cuts.kind import cut_runs
from showreel.runs.tasks import ReleaseTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    task = ReleaseTask.model_validate(event)
    cut_runs(context.invoked_function_arn).release(task.run_id, task.error_name)
