"""Ends the run or job of an execution that has died."""

from typing import Any

from showreel.generation.reviving import execution_died
from showreel.products import all_runs
from showreel.results import register_products
from showreel.runs.reconcile import ExecutionEnded, execution_ended

register_products()


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    ended, arn = ExecutionEnded.model_validate(event), context.invoked_function_arn
    if not execution_ended(all_runs(arn), ended):
        execution_died(ended.detail.name, arn)
