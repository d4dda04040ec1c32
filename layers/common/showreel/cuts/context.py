"""Settings and stores of timelines and exports, made once per process."""

from showreel.core.dynamo import Table
from showreel.core.settings import CutLimits, DirectorCutMachine, RunsTable, StudioTable, settings
from showreel.cuts.exports import Exports
from showreel.cuts.store import CutStore
from showreel.cuts.view import cut_view
from showreel.runs.store import Runs


class CutSettings(RunsTable, StudioTable, CutLimits, DirectorCutMachine):
    """The environment variables that the functions of exports read."""


def config() -> CutSettings:
    """Returns this process's settings."""
    chosen: CutSettings = settings(CutSettings)
    return chosen


def runs_table() -> Table:
    """Returns the table of runs, with the plans and pieces of exports."""
    return Table(config().runs_table)


def runs() -> Runs:
    """Returns the runs."""
    return Runs(runs_table(), cut_view)


def exports() -> Exports:
    """Returns the store of exports' plans and pieces."""
    return Exports(runs_table())


def cuts() -> CutStore:
    """Returns the store of timelines and exports."""
    return CutStore(Table(config().studio_table))
