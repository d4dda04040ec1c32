"""Measures what the functions' processes use: CPU, with their children's, and waiting."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from local.metering.tally import Invocation, Tally

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
NANOSECONDS = 1e9


@dataclass(frozen=True)
class Reading:
    """A process's clocks at one moment, in seconds."""

    wall: float
    own_cpu: float = 0.0
    child_cpu: float = 0.0
    queued: float = 0.0

    @classmethod
    def of(cls, pid: int) -> "Reading":
        """Returns the clocks of a process; zeros when it is gone, or has no id yet."""
        now = time.monotonic()
        if not pid:
            return cls(now)
        try:
            own = time.clock_gettime(cpu_clock(pid))
            return cls(now, own, _children_seconds(pid), _queued_seconds(pid))
        except OSError:
            return cls(now)


def cpu_clock(pid: int) -> int:
    """Returns the id of a process's CPU clock: all its threads, in nanoseconds
    (clock_getcpuclockid).
    """
    return (~pid << 3) | 2


def _children_seconds(pid: int) -> float:
    """CPU of the ended and awaited children: `cutime` and `cstime` of proc_pid_stat(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / TICKS_PER_SECOND


def _queued_seconds(pid: int) -> float:
    """Returns how long the main thread was ready and had no core: the second field of
    `schedstat`.
    """
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / NANOSECONDS


@dataclass
class _Open:
    """A process as the meter sees it."""

    function: str
    memory_mb: int
    started: float
    pid: int = 0
    began: Reading | None = None
    running: Invocation | None = None
    init: tuple[float, float] = (0.0, 0.0)
    is_first: bool = field(default=True)


class ProcessMeter:
    """Follows every process from its start; a process asks for work when it is done with the last.

    As on Lambda, an invocation ends with the next call for one, and what comes before the first is
    the initialisation.
    """

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._open: dict[str, _Open] = {}

    def started(self, key: str, function: str, memory_mb: int) -> None:
        """A process is about to start."""
        self._open[key] = _Open(function, memory_mb, time.monotonic())

    def asks(self, key: str, pid: int) -> None:
        """It is ready for an invocation, the first or the next."""
        process = self._open[key]
        if process.is_first:
            process.is_first = False
            reading = Reading.of(pid)
            cpu = reading.own_cpu + reading.child_cpu
            process.init = (reading.wall - process.started, cpu)
        else:
            self._close(process, Reading.of(pid))

    def begins(self, key: str, pid: int) -> None:
        """An invocation is handed to it."""
        process = self._open[key]
        process.pid = pid
        process.began = Reading.of(pid)
        process.running = Invocation(
            process.function,
            process.memory_mb,
            init_wall_seconds=process.init[0],
            init_cpu_seconds=process.init[1],
        )
        process.init = (0.0, 0.0)

    def ended(self, key: str) -> None:
        """The process is gone; what it was doing is billed up to now."""
        process = self._open.pop(key, None)
        if process is not None:
            self._close(process, Reading(time.monotonic()))

    def called(self, key: str, seconds: float) -> None:
        """It waited for an answer of AWS."""
        if running := self._running(key):
            running.call_seconds += seconds

    def called_vendor(self, key: str) -> None:
        """It waited for a vendor."""
        if running := self._running(key):
            running.vendor_calls += 1

    def _running(self, key: str) -> Invocation | None:
        process = self._open.get(key)
        return process.running if process is not None else None

    def _close(self, process: _Open, now: Reading) -> None:
        invocation, began = process.running, process.began
        if invocation is None or began is None:
            return
        process.running = None
        invocation.wall_seconds = now.wall - began.wall
        invocation.python_seconds = max(0.0, now.own_cpu - began.own_cpu)
        invocation.child_seconds = max(0.0, now.child_cpu - began.child_cpu)
        invocation.queued_seconds = max(0.0, now.queued - began.queued)
        self.tally.record(invocation)
