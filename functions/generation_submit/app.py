"""State Submit: sends the job to its vendor, once per attempt."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.routes import tell
from showreel.generation.steps.events import TokenTask
from showreel.generation.steps.submit import submit


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """`{"job_id", "task_token"}` → nothing; the token tells where the execution goes."""
    task = TokenTask.model_validate(event)
    tell(engine().jobs, task.job_id, task.task_token, submit(engine(), task.job_id))
    return {}
