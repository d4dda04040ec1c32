"""The port of products with runs: what differs between kinds of runs.

A product implements one `RunKind`; queueing, starting, ending, cancelling, reconciling and
streaming are common to all runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from showreel.core.dynamo import Write
from showreel.runs.models import Ending, Run, RunView


@dataclass(frozen=True)
class RunLimits:
    """How many runs of a kind may be running at once."""

    per_workspace: int
    in_all: int


@dataclass(frozen=True)
class Settlement:
    """What is written when a run ends.

    `writes` are the product's own rows, written in one transaction with the end of the run; if
    their conditions fail, the subject is gone and only the run is ended. `then` is called after it.
    """

    output: dict[str, Any] | None = None
    total: int | None = None
    """The number of parts, for `progress.totalClips`."""
    writes: Sequence[Write] = ()
    then: Callable[[Run], None] = lambda _run: None


class RunKind(Protocol):
    """One kind of run. All methods are idempotent."""

    @property
    def name(self) -> str:
        """The name in rows and keys; never changed."""

    @property
    def state_machine(self) -> str:
        """Name of the state machine; its executions are named by their run's `execution_name`."""

    @property
    def limits(self) -> RunLimits:
        """The limits of runs at once."""

    def view(self, run: Run) -> RunView:
        """Returns the run as callers see it."""

    def stop_children(self, run: Run, function_arn: str) -> None:
        """Stops all that the run started and that hasn't ended. What is delivered before the hold
        is closed is still paid.
        """

    def settle(self, run: Run, ending: Ending) -> Settlement:
        """Returns what to write at the run's end. Its hold is closed by then, so what its jobs
        captured is final.
        """

    def waits_for_us(self, run: Run) -> bool:
        """Returns whether the run waits only for our own infrastructure: vendors have delivered, or
        still have time. Then its time limit doesn't end it.
        """

    def failure(self, run: Run) -> Ending:
        """Returns the ending of a run whose execution stopped, read from what is stored."""
