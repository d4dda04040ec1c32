"""How long to wait between one look or attempt and the next, in seconds."""

import random
from collections.abc import Iterator
from itertools import count

OUTAGE_SECONDS = 6 * 3600
"""How long our own side may be out before what waits for it is given up: state machines try again
for so long.
"""
REVIVAL_PAUSES = (30, 60, 120, 240, 480, *[600] * 35)
"""A dead execution has a successor at once; after each one so many seconds pass before there is
another. In all it is as long as our own side may be out, so that no outage uses them up.
"""


def growing(first: float, longest: float) -> Iterator[float]:
    """Waits that grow by a fifth to `longest`, for whoever looks at something until it is there."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 1.2, longest)


def jittered(first: float, longest: float) -> Iterator[float]:
    """Waits with full jitter below bounds that double, for whoever lost against others."""
    for attempt in count():
        bound = min(longest, first * 2**attempt)
        yield random.uniform(0, bound)  # noqa: S311 - jitter, not a secret
