"""FinishRun and ReleaseRun: end a run by its shots' results, or by an error."""

from typing import Any

from showreel.results import register_products
from showreel.runs.tasks import EndTask
from showreel.storyboards.batch.steps import end_run

register_products()


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    end_run(EndTask.model_validate(event), context.invoked_function_arn)
