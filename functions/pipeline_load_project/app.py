"""LoadProject: the run begins."""

from typing import Any

from showreel.films.pipeline.load_project import load_project
from showreel.films.pipeline.steps import RunTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return load_project(RunTask.model_validate(event).run_id).model_dump()
