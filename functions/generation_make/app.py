"""State MakeFile: a vendor that answers a create with the file itself."""

from typing import Any

from showreel.generation.engine import engine
from showreel.generation.events import JobTask
from showreel.generation.make import make


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """`{"job_id"}` → `{"route", "wait_seconds"}`."""
    task = JobTask.model_validate(event)
    return make(engine(), task.job_id).model_dump()
