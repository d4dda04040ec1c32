"""LoadProject: starts the run."""

from typing import Any

from showreel.films.pipeline.load_project import load_project
from showreel.runs.tasks import RunTask


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    run_id = RunTask.model_validate(event).run_id
    return load_project(run_id, context.invoked_function_arn).model_dump()
