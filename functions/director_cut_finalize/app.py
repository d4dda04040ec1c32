"""FinalizeCut: the film is published and paid."""

from typing import Any

from showreel.cuts.steps.finalize_cut import finalize_cut
from showreel.runs.tasks import RunTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    finalize_cut(RunTask.model_validate(event).run_id, context.invoked_function_arn)
