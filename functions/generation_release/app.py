"""State Release: ends the job of a broken execution."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.settle import release
from showreel.generation.steps.events import JobTask
from showreel.results import register_products

register_products()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles `{"job_id"}`; returns `{"status"}`."""
    task = JobTask.model_validate(event)
    return {"status": release(engine(context.invoked_function_arn), task.job_id).status}
