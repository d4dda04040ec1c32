"""Every day: what no row names any more is removed from the bucket."""

from typing import Any

from showreel.core.observability import logger
from showreel.products import clean_up

LEAST_MS = 60_000
"""A page takes seconds; what is left after it is the next day's."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handles an invocation. `{"dry_run": true}` deletes nothing and tells what would be deleted,
    from the key `start_after` on.
    """
    report = clean_up().run(
        lambda: context.get_remaining_time_in_millis() > LEAST_MS,
        dry_run=event.get("dry_run") is True,
        start_after=str(event.get("start_after") or ""),
    )
    logger().info("clean-up", **report.told())
    return report.told()
