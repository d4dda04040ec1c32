"""State Collect: asks the vendor and brings a result home."""

from typing import Any

from showreel.generation.collect import collect
from showreel.generation.engine import engine
from showreel.generation.events import JobTask


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """`{"job_id"}` → `{"route", "wait_seconds"}`."""
    task = JobTask.model_validate(event)
    return collect(engine(), task.job_id).model_dump()
