"""How the demo ends: exit statuses, and what it says when there is no film."""

import sys

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130


def complain(message: str, status: int) -> int:
    """Says in one line what went wrong; returns the status."""
    print(f"demo: {message}", file=sys.stderr)
    return status
