"""One thread that runs short actions at their time: status changes, late webhooks, retries."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable

from local import clock

_log = logging.getLogger(__name__)

Action = Callable[[], None]


class Scheduler:
    """Runs actions after a delay, in order of time; an action that raises is logged."""

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="simulator-clock", daemon=True)
        self._thread.start()

    def after(self, delay_seconds: float, action: Action) -> None:
        """Run `action` once, `delay_seconds` from now, on the scheduler's thread."""
        due = clock.monotonic() + delay_seconds
        with self._changed:
            heapq.heappush(self._queue, (due, next(self._numbers), action))
            self._changed.notify()

    def clear(self) -> None:
        """Forget everything that is waiting."""
        with self._changed:
            self._queue.clear()

    def close(self) -> None:
        """Stop the thread; what is waiting is not run."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (action := self._next()) is not None:
            try:
                action()
            except Exception:  # noqa: BLE001  one broken action must not stop the clock
                _log.exception("a scheduled action failed")

    def _next(self) -> Action | None:
        with clock.moving(self._changed), self._changed:
            while not self._closed:
                wait_seconds = self._wait_seconds()
                if wait_seconds is not None and wait_seconds <= 0:
                    return heapq.heappop(self._queue)[2]
                self._changed.wait(wait_seconds)
        return None

    def _wait_seconds(self) -> float | None:
        return self._queue[0][0] - clock.monotonic() if self._queue else None
