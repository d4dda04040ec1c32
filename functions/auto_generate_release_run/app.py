"""ReleaseRun: a run that can't go on is ended; its shots keep what was made."""

from typing import Any

from showreel.results import tell_products
from showreel.storyboards.batch.steps import ReleaseTask, release

tell_products()


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation."""
    release(ReleaseTask.model_validate(event), context.invoked_function_arn)
