"""Queues messages for webhooks about runs and jobs that have ended."""

from typing import Any

from showreel.products import all_runs
from showreel.webhooks.events import StreamEvent, publish_all


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    on = all_runs(context.invoked_function_arn)
    return publish_all(on, StreamEvent.model_validate(event))
