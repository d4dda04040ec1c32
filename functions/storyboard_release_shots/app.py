"""ReleaseShots: ends and settles a run of shots that can't go on."""

from typing import Any

from showreel.runs.tasks import EndTask
from showreel.storyboards.gen_shots.kind import shot_runs


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    task = EndTask.model_validate(event)
    shot_runs(context.invoked_function_arn).release(task.run_id, task.error_name)
