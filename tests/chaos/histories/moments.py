"""Aimed moments: every write and every vendor call that a good history makes, each to die at.

They are taken from what the functions did, so that a new write can't be forgotten.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from local.control.faults import Call, Fault
from local.stack import Stack
from tests.chaos.histories.history import History, Outcome, lived
from tests.chaos.histories.users import Act

When = Literal["before", "after"]
READS = ("Get", "Query", "Scan", "Batch", "Head", "List", "Describe", "Lookup")
SERVICES = frozenset({"dynamodb", "s3", "states", "sqs", "events", "lambda", "provider"})


Path = tuple[tuple[str, str, str], ...]
"""What an invocation has called so far."""


@dataclass(frozen=True)
class Moment:
    """The nth call of a function to an operation."""

    function: str
    service: str
    operation: str
    nth: int

    def fault(self, when: When) -> Fault:
        """Returns the death of its process at this moment."""
        return Fault(
            self.service,
            self.operation,
            "kill",
            nth=self.nth,
            function=self.function,
            when=when,
        )

    def __str__(self) -> str:
        return f"{self.function} at {self.service} {self.operation} {self.nth}"


def moments_of(
    heard: Iterable[tuple[Call, str | None]], known: set[Path]
) -> dict[str, list[Moment]]:
    """Returns the moments of each function, in order, but those on a path that is known already:
    an invocation that made the same calls so far.
    """
    found: dict[str, list[Moment]] = defaultdict(list)
    seen = Counter[tuple[str, str, str]]()
    paths: dict[str, Path] = defaultdict(tuple)
    for call, invocation in heard:
        is_write = call.service in SERVICES and not call.operation.startswith(READS)
        if call.function is None or invocation is None or not is_write:
            continue
        key = (call.function, call.service, call.operation)
        seen[key] += 1
        paths[invocation] = path = (*paths[invocation], key)
        if path not in known:
            known.add(path)
            found[call.function].append(Moment(*key, seen[key]))
    return found


def recorded(stack: Stack, act: Act, known: set[Path]) -> dict[str, list[Moment]]:
    """Lives a history without faults; returns its moments. Fails if it isn't a good one."""
    history = History(1, stack, [act], unbroken=True)
    stack.faults.heard = heard = list[tuple[Call, str | None]]()
    try:
        outcome = lived([history], stack)[0]
    finally:
        stack.faults.heard = None
    assert not outcome.violations, str(outcome)
    return moments_of(heard, known)


@dataclass(frozen=True)
class Death:
    """What a history in which functions died at moments of theirs came to."""

    moments: tuple[Moment, ...]
    when: When
    fired: int
    outcome: Outcome

    def __str__(self) -> str:
        died = ", ".join(map(str, self.moments))
        return f"killed {self.when} {died}: {self.outcome}"


def deaths(stack: Stack, act: Act, by_function: dict[str, list[Moment]], when: When) -> list[Death]:
    """Lives the history again and again: each time, every function dies at its next moment."""
    lives = []
    for row in zip_longest(*by_function.values()):
        moments = tuple(moment for moment in row if moment is not None)
        history = History(1, stack, [act], unbroken=True)
        faults = [stack.faults.add(moment.fault(when)) for moment in moments]
        outcome = lived([history], stack)[0]
        lives.append(Death(moments, when, sum(fault.fired for fault in faults), outcome))
    return lives
