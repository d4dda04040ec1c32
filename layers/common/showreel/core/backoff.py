"""Pauses between polls or attempts, in seconds."""

import random
from collections.abc import Iterator
from itertools import count

OUTAGE_SECONDS = 6 * 3600
"""How long our own infrastructure may be down before waiting work is given up; state machines retry
for as long.
"""
REVIVAL_PAUSES = (30, 60, 120, 240, 480, *[600] * 35)
"""Pauses between the restarts of an execution that dies; the first restart is immediate. Together
they are as long as `OUTAGE_SECONDS`, so that no outage uses them up.
"""


def growing(first: float, longest: float) -> Iterator[float]:
    """Yields pauses that grow by a fifth up to `longest`, for polling."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 1.2, longest)


def jittered(first: float, longest: float) -> Iterator[float]:
    """Yields pauses with full jitter below bounds that double, for retries under contention."""
    for attempt in count():
        bound = min(longest, first * 2**attempt)
        yield random.uniform(0, bound)  # noqa: S311 - jitter, not a secret
