"""ReleaseRun: a run that can't go on is ended and settled."""

from typing import Any

from showreel.films.pipeline.release_run import release_run
from showreel.films.pipeline.steps import ReleaseTask


def handler(event: dict[str, Any], context: Any) -> None:
    """The Lambda entry point."""
    release_run(ReleaseTask.model_validate(event), context.invoked_function_arn)
