"""Every minute: dead runs and jobs are ended, waiting ones started."""

from typing import Any

from showreel.films.pipeline.reconcile import reconcile


def handler(_event: dict[str, Any], context: Any) -> None:
    """The Lambda entry point."""
    reconcile(context.invoked_function_arn)
