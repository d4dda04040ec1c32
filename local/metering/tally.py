"""The counters. A metric is counted per source: the folder of the function that caused it."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

CLIENT = "client"
"""The source of calls that no function made: browsers, vendors, Step Functions."""

Key = tuple[str, str]
"""Metric and source."""


@dataclass
class Invocation:
    """What one invocation took. The first of a process carries its initialisation as well."""

    function: str
    memory_mb: int
    wall_seconds: float = 0.0
    python_seconds: float = 0.0
    """CPU of the function's own process."""
    child_seconds: float = 0.0
    """CPU of the processes it started: FFmpeg."""
    queued_seconds: float = 0.0
    """How long this machine let it wait for a core, which is no waiting of the function's own."""
    call_seconds: float = 0.0
    """How long the stack took to answer its calls to AWS."""
    vendor_calls: int = 0
    init_wall_seconds: float = 0.0
    init_cpu_seconds: float = 0.0

    @property
    def is_cold(self) -> bool:
        """Whether its process was started for it."""
        return self.init_wall_seconds > 0


@dataclass(frozen=True)
class Counts:
    """What was counted up to a moment, or between two."""

    counters: Counter[Key] = field(default_factory=Counter)
    invocations: tuple[Invocation, ...] = ()

    def __sub__(self, earlier: Self) -> "Counts":
        """Returns what came after an earlier moment of the same meter."""
        return Counts(
            Counter({k: n - earlier.counters[k] for k, n in self.counters.items()}),
            self.invocations[len(earlier.invocations) :],
        )

    def __add__(self, other: Self) -> "Counts":
        return Counts(
            Counter(
                {k: self.counters[k] + other.counters[k] for k in {*self.counters, *other.counters}}
            ),
            self.invocations + other.invocations,
        )

    def total(self, metric: str) -> float:
        """Returns a metric over all sources."""
        return sum(number for (name, _), number in self.counters.items() if name == metric)

    def by_source(self, metric: str) -> dict[str, float]:
        """Returns a metric's number for each source that has one."""
        return {s: n for (name, s), n in self.counters.items() if name == metric and n}

    def only(self, keep: Callable[[str], bool]) -> "Counts":
        """Returns the part that comes from some sources."""
        return Counts(
            Counter({key: n for key, n in self.counters.items() if keep(key[1])}),
            tuple(one for one in self.invocations if keep(one.function)),
        )


class Tally:
    """Thread-safe counters."""

    def __init__(self) -> None:
        self._counters: Counter[Key] = Counter()
        self._invocations: list[Invocation] = []
        self._lock = threading.Lock()

    def add(self, metric: str, source: str | None, number: float = 1) -> None:
        """Counts something that a function (None: somebody outside) caused."""
        with self._lock:
            self._counters[metric, source or CLIENT] += number  # type: ignore[assignment]  # floats too

    def record(self, invocation: Invocation) -> None:
        """Keeps a finished invocation."""
        with self._lock:
            self._invocations.append(invocation)

    def counts(self) -> Counts:
        """Returns everything counted so far."""
        with self._lock:
            return Counts(Counter(self._counters), tuple(self._invocations))
