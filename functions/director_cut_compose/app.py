"""ComposeCut: fal renders the picture of a film, step by step."""

from typing import Any

from showreel.cuts.steps.compose_cut import compose_cut
from showreel.runs.tasks import RunTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    return compose_cut(RunTask.model_validate(event).run_id).model_dump()
