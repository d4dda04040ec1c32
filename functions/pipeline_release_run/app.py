"""ReleaseRun: ends and settles a run that can't go on."""

from typing import Any

from showreel.films.pipeline.kind import films
from showreel.runs.tasks import EndTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    task = EndTask.model_validate(event)
    films(context.invoked_function_arn).release(task.run_id, task.error_name)
