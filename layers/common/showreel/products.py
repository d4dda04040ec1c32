"""What all products give to machinery that knows none of them: the only module that knows all."""

from functools import partial

from showreel.assets.cleanup import CleanUp
from showreel.assets.service import storage
from showreel.core.dynamo import Table
from showreel.core.settings import JobsTable, StudioTable, settings
from showreel.cuts.kind import CUTS
from showreel.films.pipeline.kind import FILMS
from showreel.films.projects.names import named_by_films
from showreel.generation.names import named_by_jobs
from showreel.graphs.runs.kind import GRAPHS
from showreel.music.library import named_by_tracks
from showreel.runs.lifecycle import Lifecycle, lifecycle
from showreel.storyboards.batch.kind import BATCHES
from showreel.storyboards.gen_shots.kind import SHOTS
from showreel.storyboards.names import named_by_shots, named_by_storyboards
from showreel.storyboards.removal import Removal


def all_runs(function_arn: str) -> Lifecycle:
    """Runs of every kind. `function_arn` is the calling function's own."""
    return lifecycle(function_arn, FILMS, SHOTS, BATCHES, GRAPHS, CUTS)


def clean_up() -> CleanUp:
    """Returns the clean-up, with everything that names objects."""
    studio = Table(settings(StudioTable).studio_table)
    owners = {
        "film": partial(named_by_films, studio),
        "job": partial(named_by_jobs, Table(settings(JobsTable).jobs_table)),
        "music_track": partial(named_by_tracks, studio),
        "shot": partial(named_by_shots, studio),
        "storyboard": partial(named_by_storyboards, studio),
    }
    return CleanUp(studio, storage(), owners)


def removal() -> Removal:
    """Returns what finishes deletions of storyboards that were cut short."""
    return Removal(Table(settings(StudioTable).studio_table))
