"""ReleaseRun: a run that can't go on is ended; what its nodes have made is kept."""

from typing import Any

from showreel.graphs.runs.steps import ReleaseTask, release
from showreel.results import tell_products

tell_products()


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    release(ReleaseTask.model_validate(event), context.invoked_function_arn)
