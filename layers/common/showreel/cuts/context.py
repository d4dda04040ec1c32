"""What requests and steps of exports work with, made once per process."""

from showreel.core.dynamo import Table
from showreel.core.settings import CutLimits, DirectorCutMachine, RunsTable, StudioTable, settings
from showreel.cuts.exports import Exports
from showreel.cuts.store import CutStore
from showreel.cuts.view import cut_view
from showreel.runs.store import Runs


class CutSettings(RunsTable, StudioTable, CutLimits, DirectorCutMachine):
    """What the functions of exports read."""


def config() -> CutSettings:
    """This process's settings."""
    chosen: CutSettings = settings(CutSettings)
    return chosen


def runs_table() -> Table:
    """Runs, with what is frozen and made for an export."""
    return Table(config().runs_table)


def runs() -> Runs:
    """Returns the runs."""
    return Runs(runs_table(), cut_view)


def exports() -> Exports:
    """Returns what is kept with the runs of exports."""
    return Exports(runs_table())


def cuts() -> CutStore:
    """Returns timelines and exports."""
    return CutStore(Table(config().studio_table))
