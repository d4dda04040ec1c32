"""The port of a product that has runs: what is particular to one kind of run.

A product gives one `RunKind`; queue, dispatch, ending, cancelling, reconciling and streaming are
the runs' own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from showreel.core.dynamo import Write
from showreel.runs.models import Ending, Run, RunView


@dataclass(frozen=True)
class RunLimits:
    """How many runs of a kind go on at once."""

    per_workspace: int
    in_all: int


@dataclass(frozen=True)
class Settlement:
    """What a run leaves when it ends.

    `writes` are the product's own rows, written in one transaction with the end of the run; if
    their conditions fail, the subject is gone and only the run is ended. `then` is done after it.
    """

    output: dict[str, Any] | None = None
    total: int | None = None
    """How many parts it had, as `progress.totalClips` says."""
    writes: Sequence[Write] = ()
    then: Callable[[Run], None] = lambda _run: None


class RunKind(Protocol):
    """One kind of run. All methods may be called again and must then do nothing new."""

    @property
    def name(self) -> str:
        """What rows call it: part of keys, never changed."""

    @property
    def state_machine(self) -> str:
        """Name of the state machine; its executions are named by their run's `execution_name`."""

    @property
    def limits(self) -> RunLimits:
        """How many at once."""

    def view(self, run: Run) -> RunView:
        """Returns the run as callers see it."""

    def stop_children(self, run: Run, function_arn: str) -> None:
        """Stops what the run started and may still be on its way. What delivers meanwhile is paid,
        until the hold is closed.
        """

    def settle(self, run: Run, ending: Ending) -> Settlement:
        """Returns what is left of the run; its hold is closed by then, so what was captured, by
        whatever job, is final and belongs to it.
        """

    def waits_for_us(self, run: Run) -> bool:
        """Returns whether only our own side keeps the run from its end: what it needs of vendors
        is made, or they still have time. Its limit doesn't end it then.
        """

    def failure(self, run: Run) -> Ending:
        """Returns how a run ends that stopped by itself, read from what is stored."""
