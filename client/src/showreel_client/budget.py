"""How long a call goes on: attempts, waits and a deadline."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LASTING_SECONDS = 20.0
"""A stream that was open this long was cut by a gateway's limit, not by a fault."""


@dataclass(frozen=True)
class Limits:
    """What a client is ready for. All but `attempts` in seconds."""

    attempts: int = 5
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    longest_retry_after_seconds: float = 60.0
    total_seconds: float = 1_800.0
    """A whole generation; for GMI Cloud, after which it is `gmi_timeout`."""
    poll_seconds: float = 2.0
    longest_poll_seconds: float = 10.0


@dataclass(frozen=True)
class Surroundings:
    """Time and chance, replaceable."""

    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


@dataclass
class Budget:
    """What is left of the limits for one call."""

    limits: Limits
    surroundings: Surroundings = field(default_factory=Surroundings)
    failures: int = 0

    def __post_init__(self) -> None:
        self.deadline = self.surroundings.clock() + self.limits.total_seconds

    @property
    def left_seconds(self) -> float:
        """Until the deadline, zero when it has passed."""
        return max(0.0, self.deadline - self.surroundings.clock())

    def renew(self) -> None:
        """Something was achieved: failures before it no longer count."""
        self.failures = 0

    def wait_seconds(self, retry_after_seconds: float | None, *, counts: bool) -> float | None:
        """Returns how long to wait before the next attempt, or None if there is to be
        none.

        Full jitter (AWS, "Exponential Backoff And Jitter"), on top of what the server asks for.
        """
        self.failures += 1
        asked = retry_after_seconds or 0.0
        used_up = counts and self.failures >= self.limits.attempts
        if used_up or asked > self.limits.longest_retry_after_seconds:
            return None
        growth = self.limits.first_wait_seconds * 2 ** min(self.failures - 1, 16)
        wait = asked + self.surroundings.chance() * min(self.limits.longest_wait_seconds, growth)
        return wait if wait < self.left_seconds else None

    def poll_waits(self) -> "PollWaits":
        """Returns the pauses between two looks at a job."""
        return PollWaits(self.limits.poll_seconds, self.limits.longest_poll_seconds)


@dataclass
class PollWaits:
    """Each pause is half as long again as the one before, up to the longest."""

    seconds: float
    longest_seconds: float

    def next(self) -> float:
        """Returns the next pause."""
        wait = self.seconds
        self.seconds = min(self.longest_seconds, wait * 1.5)
        return wait
