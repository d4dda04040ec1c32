"""Limits of a call: attempts, waits and a deadline."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LASTING_SECONDS = 20.0
"""A stream that was open this long was cut by a gateway's limit; it didn't fail."""


@dataclass(frozen=True)
class Limits:
    """The limits of a client's calls; all but `attempts` in seconds."""

    attempts: int = 5
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    longest_retry_after_seconds: float = 60.0
    total_seconds: float = 1_800.0
    """The time for a whole generation; at GMI Cloud the code is then `gmi_timeout`."""
    poll_seconds: float = 2.0
    longest_poll_seconds: float = 10.0


@dataclass(frozen=True)
class Surroundings:
    """The clock and the random numbers, replaceable in tests."""

    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


@dataclass
class Budget:
    """What one call has left of its limits."""

    limits: Limits
    surroundings: Surroundings = field(default_factory=Surroundings)
    failures: int = 0

    def __post_init__(self) -> None:
        self.deadline = self.surroundings.clock() + self.limits.total_seconds

    @property
    def left_seconds(self) -> float:
        """The seconds until the deadline, zero after it."""
        return max(0.0, self.deadline - self.surroundings.clock())

    def renew(self) -> None:
        """Resets the count of failures, because something was achieved."""
        self.failures = 0

    def wait_seconds(self, retry_after_seconds: float | None, *, counts: bool) -> float | None:
        """Returns how long to wait before the next attempt, None if there is none left.

        Full jitter (AWS, "Exponential Backoff And Jitter"), added to what the server asks for.
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
        """Returns the pauses between polls of a job."""
        return PollWaits(self.limits.poll_seconds, self.limits.longest_poll_seconds)


@dataclass
class PollWaits:
    """Pauses between polls: each is 1.5 times the one before, up to the longest."""

    seconds: float
    longest_seconds: float

    def next(self) -> float:
        """Returns the next pause."""
        wait = self.seconds
        self.seconds = min(self.longest_seconds, wait * 1.5)
        return wait
