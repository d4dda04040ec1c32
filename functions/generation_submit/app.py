"""State Submit: sends the job to its vendor, once per attempt."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.events import JobTask
from showreel.generation.submit import submit


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """`{"job_id"}` → `{"route", "wait_seconds"}`."""
    task = JobTask.model_validate(event)
    return submit(engine(), task.job_id).model_dump()
