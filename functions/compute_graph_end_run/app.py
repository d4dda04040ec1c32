"""FinishRun and ReleaseRun: end a run by its nodes' results, or by an error."""

from typing import Any

from showreel.graphs.runs.steps import end_run
from showreel.results import register_products
from showreel.runs.tasks import EndTask

register_products()


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    end_run(EndTask.model_validate(event), context.invoked_function_arn)
