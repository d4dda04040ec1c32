"""Settings and stores of the film pipeline, made once per process."""

from showreel.core.dynamo import Table
from showreel.core.settings import (
    FilmLimits,
    RunsTable,
    StudioTable,
    VideoPipelineMachine,
    settings,
)
from showreel.films.pipeline.pieces import Pieces
from showreel.films.pipeline.view import film_view
from showreel.films.projects.store import FilmStore
from showreel.runs.store import Runs


class PipelineSettings(RunsTable, StudioTable, FilmLimits, VideoPipelineMachine):
    """The environment variables that the pipeline's functions read."""


def config() -> PipelineSettings:
    """Returns this process's settings."""
    chosen: PipelineSettings = settings(PipelineSettings)
    return chosen


def runs_table() -> Table:
    """Returns the table of runs, with their plans and pieces, and the queue."""
    return Table(config().runs_table)


def runs() -> Runs:
    """Returns the runs."""
    return Runs(runs_table(), film_view)


def pieces(run_id: str) -> Pieces:
    """Returns the pieces of one run."""
    return Pieces(runs_table(), run_id)


def films() -> FilmStore:
    """Returns the projects."""
    return FilmStore(Table(config().studio_table))
