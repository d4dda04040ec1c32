"""What the functions of a batch work with."""

from showreel.core.dynamo import Table
from showreel.core.settings import (
    AutoGenerateMachine,
    BatchLimits,
    GenerationTimes,
    RunsTable,
    settings,
)
from showreel.runs.store import Runs
from showreel.storyboards.batch.rows import BatchRows
from showreel.storyboards.batch.view import batch_view


class BatchSettings(RunsTable, BatchLimits, AutoGenerateMachine, GenerationTimes):
    """What the functions read."""


def config() -> BatchSettings:
    """This process's settings."""
    chosen: BatchSettings = settings(BatchSettings)
    return chosen


def runs_table() -> Table:
    """Runs, their plans and the results of their shots."""
    return Table(config().runs_table)


def runs() -> Runs:
    """Returns the runs."""
    return Runs(runs_table(), batch_view)


def rows(run_id: str) -> BatchRows:
    """Returns the rows of one run."""
    return BatchRows(runs_table(), run_id)
