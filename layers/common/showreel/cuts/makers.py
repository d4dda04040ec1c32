"""One maker per piece: what is made ahead for a timeline, and by an export that begins meanwhile,
is made once. Who comes second waits, and finds it.

A maker that dies is missed after two minutes; one that is tried again goes on at once.
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
"""How long a step waits before its state machine does, which waits for as long as it takes."""
LOOK_SECONDS = 0.5


class Lease:
    """The right to make a piece."""

    def __init__(self, name: str, maker: str) -> None:
        self._name, self._maker = name, maker

    def take(self) -> None:
        """Waits for it. Raises Transient while somebody else is still making the piece."""
        until = time.monotonic() + WAIT_SECONDS
        while not self.renew():
            if time.monotonic() >= until:
                raise Transient("another step is making this piece")
            time.sleep(LOOK_SECONDS)

    def renew(self) -> bool:
        """Keeps it for two more minutes; False if somebody else has it."""
        return context.exports().claim_piece(self._name, self._maker, LEASE_SECONDS)

    def leave(self) -> None:
        """Gives it back, if it is still this maker's."""
        context.exports().claim_piece(self._name, self._maker, 0)


@contextmanager
def lease(plan: CutPlan, clip: CutClip, maker: str) -> Iterator[Lease]:
    """Provides the right to make a clip's piece. Raises Transient."""
    mine = Lease(digest_of_piece(plan, clip), maker)
    mine.take()
    try:
        yield mine
    finally:
        mine.leave()
