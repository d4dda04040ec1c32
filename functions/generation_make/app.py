"""State MakeFile: orders from a vendor that answers the create with the file itself."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.routes import answer_state
from showreel.generation.steps.events import TokenTask
from showreel.generation.steps.make_file import make


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Handles `{"job_id", "task_token", "entered_at"}`; answers the token with the next state."""
    task = TokenTask.model_validate(event)
    answer_state(
        engine().jobs, task.job_id, task.task_token, make(engine(), task.job_id, task.lost_seconds)
    )
    return {}
