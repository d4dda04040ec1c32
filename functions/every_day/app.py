"""Every day: finishes interrupted deletions, and removes objects that no row names any more."""

from typing import Any

from showreel.core.observability import logger
from showreel.products import clean_up, removal

LEAST_MS = 60_000
"""A page takes seconds; what is left is removed on the next day."""
LEAST_FOR_CLEAN_UP_MS = 450_000


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation. `{"dry_run": true}` only reports what would be deleted, `start_after`
    a key.
    """
    left = context.get_remaining_time_in_millis
    dry_run = event.get("dry_run") is True
    removed = 0 if dry_run else removal().remove_retired(lambda: left() > LEAST_FOR_CLEAN_UP_MS)
    report = clean_up().run(
        lambda: left() > LEAST_MS,
        dry_run=dry_run,
        start_after=str(event.get("start_after") or ""),
    )
    details = report.as_dict() | {"removed": removed}
    logger().info("clean-up", **details)
    return details
