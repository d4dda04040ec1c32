"""MakeShot: starts a shot's job, unless the shot or the run needs none."""

from typing import Any

from showreel.storyboards.batch.steps import ShotTask, make_shot


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles an invocation. The token is answered when the shot is over."""
    make_shot(ShotTask.model_validate(event), context.invoked_function_arn)
