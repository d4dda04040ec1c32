"""FinishRun: the run ends by what became of its nodes."""

from typing import Any

from showreel.graphs.runs.steps import GraphTask, finish
from showreel.results import tell_products

tell_products()


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    finish(GraphTask.model_validate(event).run_id, context.invoked_function_arn)
