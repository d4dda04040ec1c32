"""Advance: records ended nodes, begins ready ones, then waits until a job of the run ends."""

from typing import Any

from showreel.graphs.runs.advance import advance
from showreel.graphs.runs.steps import AdvanceTask


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation. The token is answered when the run is to be advanced again."""
    task = AdvanceTask.model_validate(event)
    advance(task.run_id, task.token, context.invoked_function_arn)
