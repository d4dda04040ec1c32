"""Settings and stores of batches."""

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
    """The environment variables that the functions of batches read."""


def config() -> BatchSettings:
    """Returns this process's settings."""
    chosen: BatchSettings = settings(BatchSettings)
    return chosen


def runs_table() -> Table:
    """Returns the table of runs, with their plans and the results of their shots."""
    return Table(config().runs_table)


def runs() -> Runs:
    """Returns the store of batches' runs."""
    return Runs(runs_table(), batch_view)


def rows(run_id: str) -> BatchRows:
    """Returns the rows of one run."""
    return BatchRows(runs_table(), run_id)
