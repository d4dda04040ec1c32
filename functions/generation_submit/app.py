"""State Submit: sends the job to its vendor, once per attempt."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.routes import answer_state
from showreel.generation.steps.events import TokenTask
from showreel.generation.steps.submit import submit


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles `{"job_id", "task_token", "entered_at"}`; answers the token with the next state."""
    task = TokenTask.model_validate(event)
    on = engine(context.invoked_function_arn)
    answer_state(on.jobs, task.job_id, task.task_token, submit(on, task.job_id, task.lost_seconds))
    return {}
