"""Makes one attempt to deliver an event to a workspace's webhook."""

from typing import Any

from showreel.webhooks.delivery import QueueEvent, deliver_all


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    return deliver_all(QueueEvent.model_validate(event))
