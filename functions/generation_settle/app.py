"""State Settle: ends the job with its money and answers whoever waits."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.events import JobTask
from showreel.generation.settle import settle


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """`{"job_id"}` → `{"status"}`."""
    task = JobTask.model_validate(event)
    return {"status": settle(engine(), task.job_id).status}
