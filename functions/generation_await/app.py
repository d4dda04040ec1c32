"""State Await: stores the task token that the vendor's webhook answers."""

from typing import Any

from showreel.generation.engine import jobs
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.steps.events import TokenTask


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Handles `{"job_id", "task_token"}`. Returns nothing; the token is answered later."""
    task = TokenTask.model_validate(event)
    await_vendor(jobs(), task.job_id, task.task_token)
    return {}
