"""How long an answer may be streamed. Nobody tells a function that its reader has left, so every
stream ends by itself.
"""

import time
from typing import Protocol

from showreel.core.settings import Streams, settings

CLOSING_SECONDS = 5
"""What a stream needs for its last words before Lambda stops the function."""


class Lifetime(Protocol):
    """What is asked of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda stops the function."""


def seconds_left(context: Lifetime) -> int:
    """Returns how long this invocation may still tell something, in whole seconds."""
    return max(0, context.get_remaining_time_in_millis() // 1000 - CLOSING_SECONDS)


def stream_deadline(context: Lifetime) -> float:
    """Returns when a stream that may be resumed is cut, in seconds of `time.monotonic`: after
    `StreamSeconds`, or when the invocation ends.
    """
    seconds: int = min(settings(Streams).stream_seconds, seconds_left(context))
    return time.monotonic() + seconds
