"""State Collect: asks the vendor, stores the result and settles the job."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.routes import answer_state
from showreel.generation.steps.collect import collect
from showreel.generation.steps.events import TokenTask
from showreel.results import register_products

register_products()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles `{"job_id", "task_token"}`; answers the token with the next state."""
    task = TokenTask.model_validate(event)
    on = engine(context.invoked_function_arn)
    answer_state(on.jobs, task.job_id, task.task_token, collect(on, task.job_id))
    return {}
