"""How long an answer may be streamed. Lambda doesn't notify a function when its client has left, so
every stream ends by itself.
"""

import time
from typing import Protocol

from showreel.core.settings import Streams, settings

CLOSING_SECONDS = 5
"""The time for a stream's last events before Lambda stops the function."""


class Lifetime(Protocol):
    """The part of Lambda's context that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Returns the milliseconds until Lambda stops the function."""


def seconds_left(context: Lifetime) -> int:
    """Returns how long this invocation may still stream, in whole seconds."""
    return max(0, context.get_remaining_time_in_millis() // 1000 - CLOSING_SECONDS)


def stream_deadline(context: Lifetime) -> float:
    """Returns when a resumable stream has to end, in seconds of `time.monotonic`: after
    `StreamSeconds`, or when the invocation ends.
    """
    seconds: int = min(settings(Streams).stream_seconds, seconds_left(context))
    return time.monotonic() + seconds
