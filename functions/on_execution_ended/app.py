"""An execution died: the run or job that it was making is ended."""

from typing import Any

from showreel.films.pipeline.reconcile import ExecutionEnded, execution_ended


def handler(event: dict[str, Any], context: Any) -> None:
    """The Lambda entry point."""
    execution_ended(ExecutionEnded.model_validate(event), context.invoked_function_arn)
