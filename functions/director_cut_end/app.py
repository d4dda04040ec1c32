"""FinalizeCut and ReleaseCut: end an export, with its film or without."""

from typing import Any

from showreel.cuts.steps.end_cut import end_cut
from showreel.runs.tasks import EndTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    end_cut(EndTask.model_validate(event), context.invoked_function_arn)
