"""FinishRun: the run ends by what became of its shots."""

from typing import Any

from showreel.results import tell_products
from showreel.storyboards.batch.steps import BatchTask, finish

tell_products()


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    finish(BatchTask.model_validate(event).run_id, context.invoked_function_arn)
