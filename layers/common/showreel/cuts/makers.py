"""Leases of pieces, so that a piece made ahead and needed by an export that has begun meanwhile is
made once. The second maker waits and finds it.

The lease of a maker that dies ends after two minutes; a retry of the same maker goes on at once.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from showreel.core.errors import Transient
from showreel.cuts import context
from showreel.cuts.ahead import digest_of_piece
from showreel.cuts.plan import CutClip, CutPlan

LEASE_SECONDS = 120
WAIT_SECONDS = 30.0
"""How long a step waits by itself; then its state machine retries it, as long as it takes."""
LOOK_SECONDS = 0.5


class Lease:
    """The right to make a piece."""

    def __init__(self, name: str, maker: str) -> None:
        self._name, self._maker = name, maker

    def take(self) -> None:
        """Waits for the lease, up to 30 s. Raises Transient if another maker still has it."""
        until = time.monotonic() + WAIT_SECONDS
        while not self.renew():
            if time.monotonic() >= until:
                raise Transient("another step is making this piece")
            time.sleep(LOOK_SECONDS)

    def renew(self) -> bool:
        """Extends the lease to two minutes from now. Returns False if another maker has it."""
        return context.exports().claim_piece(self._name, self._maker, LEASE_SECONDS)

    def leave(self) -> None:
        """Ends the lease, if it is still this maker's."""
        context.exports().claim_piece(self._name, self._maker, 0)


@contextmanager
def lease(plan: CutPlan, clip: CutClip, maker: str) -> Iterator[Lease]:
    """Provides the lease of a clip's piece. Raises Transient."""
    mine = Lease(digest_of_piece(plan, clip), maker)
    mine.take()
    try:
        yield mine
    finally:
        mine.leave()
