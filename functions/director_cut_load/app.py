"""LoadCut: starts the export."""

from typing import Any

from showreel.cuts.steps.load_cut import load_cut
from showreel.runs.tasks import RunTask


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    return load_cut(RunTask.model_validate(event).run_id, context.invoked_function_arn).model_dump()
