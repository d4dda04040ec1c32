"""The stack's time, which can be moved forward: the vendors', Step Functions', the schedules' and,
through a file, that of the functions' processes.

There is one in a process, for all of its stacks. What computes keeps real time: time-outs of
functions, signatures, the sessions of HTTP.
"""

import contextlib
import mmap
import struct
import tempfile
import threading
import time as real
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

_OFFSET = struct.Struct("d")
_FILE = tempfile.NamedTemporaryFile(prefix="showreel-clock-", buffering=0)  # noqa: SIM115  # until the process ends
_FILE.write(_OFFSET.pack(0.0))
_SHARED = mmap.mmap(_FILE.fileno(), _OFFSET.size)
_waiting: set[threading.Condition] = set()
_lock = threading.Lock()

PATH = Path(_FILE.name)
"""Where functions read by how much the time was moved."""
VARIABLE = "SHOWREEL_CLOCK"
"""The variable that has the path, for functions."""


def offset() -> float:
    """Returns by how many seconds the time was moved."""
    return float(_OFFSET.unpack(_SHARED[:])[0])


def move(seconds: float) -> float:
    """Moves the time forward and wakes who waits; returns the offset. Raises ValueError."""
    if seconds < 0:
        raise ValueError("time only goes forward")
    with _lock:
        _SHARED[:] = _OFFSET.pack(offset() + seconds)
        waiting = list(_waiting)
    for condition in waiting:
        with condition:
            condition.notify_all()
    return offset()


def time() -> float:
    """Returns seconds since 1970."""
    return real.time() + offset()


def time_ms() -> int:
    """Returns milliseconds since 1970."""
    return int(time() * 1000)


def now() -> datetime:
    """Returns the time of day in UTC."""
    return datetime.fromtimestamp(time(), UTC)


def monotonic() -> float:
    """Returns seconds for measuring spans."""
    return real.monotonic() + offset()


@contextlib.contextmanager
def moving(condition: threading.Condition) -> Iterator[None]:
    """Has the condition notified when the time is moved."""
    with _lock:
        _waiting.add(condition)
    try:
        yield
    finally:
        with _lock:
            _waiting.discard(condition)


class Event:
    """`threading.Event` whose time-outs are of this time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._set = False
        self._times = 0

    def is_set(self) -> bool:
        """Returns whether it was set."""
        return self._set

    def set(self) -> None:
        """Lets everybody go on who waits."""
        with self._changed:
            self._set = True
            self._times += 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Makes it wait again."""
        with self._changed:
            self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Returns whether it was set within the time-out, if only for a moment."""
        due = None if timeout is None else monotonic() + timeout
        with moving(self._changed), self._changed:
            before = self._times
            while not (self._set or self._times > before):
                left = None if due is None else due - monotonic()
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            return self._set or self._times > before


def sleep(seconds: float) -> None:
    """Returns after that long."""
    Event().wait(seconds)
