"""A switch that ends a call from another thread."""

import contextlib
import threading
from collections.abc import Callable


class CancelToken:
    """Passed to a call as `cancel=`; `cancel()` ends the call with GenerationCanceled.

    Waits and streams end at once; a request ends when its answer begins. The call's job, if known
    by then, is stopped at the server too.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None

    @property
    def is_canceled(self) -> bool:
        """Whether `cancel()` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ends the call. Safe to call at any time, from any thread, repeatedly."""
        with self._lock:
            self._event.set()
            if self._interrupt is not None:
                with contextlib.suppress(Exception):
                    self._interrupt()

    def wait(self, seconds: float) -> bool:
        """Sleeps for `seconds`; returns True at once when canceled."""
        return self._event.wait(seconds)

    def set_interrupt(self, interrupt: Callable[[], None] | None) -> None:
        """Sets the function that ends a blocked read."""
        with self._lock:
            self._interrupt = interrupt
