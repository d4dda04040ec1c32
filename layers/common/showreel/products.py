"""Gives shared code, which imports no product, what it needs of all products.

The only module that knows all of them; each is imported when it is needed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from showreel.core.dynamo import Table
from showreel.core.settings import JobsTable, StudioTable, settings
from showreel.runs.kinds import RunKind
from showreel.runs.lifecycle import Lifecycle, lifecycle_of

if TYPE_CHECKING:
    from showreel.assets.cleanup import CleanUp
    from showreel.storyboards.removal import Removal


def all_runs(function_arn: str) -> Lifecycle:
    """Returns the lifecycle of runs of every kind. `function_arn` is the calling function's own."""
    loaders = {
        "film": _films,
        "shots": _shots,
        "auto_generate": _batches,
        "graph": _graphs,
        "cut": _cuts,
    }
    return lifecycle_of(function_arn, loaders)


def _films() -> RunKind:
    from showreel.films.pipeline.kind import FILMS

    return FILMS


def _shots() -> RunKind:
    from showreel.storyboards.gen_shots.kind import SHOTS

    return SHOTS


def _batches() -> RunKind:
    from showreel.storyboards.batch.kind import BATCHES

    return BATCHES


def _graphs() -> RunKind:
    from showreel.graphs.runs.kind import GRAPHS

    return GRAPHS


def _cuts() -> RunKind:
    from showreel.cuts.kind import CUTS

    return CUTS


def clean_up() -> CleanUp:
    """Returns the clean-up, with every kind of row that names objects of the bucket."""
    from showreel.assets.cleanup import CleanUp
    from showreel.assets.service import storage
    from showreel.films.projects.names import named_by_films
    from showreel.generation.names import named_by_jobs
    from showreel.music.library import named_by_tracks
    from showreel.storyboards.names import named_by_shots, named_by_storyboards

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
    """Returns the `Removal` that finishes interrupted deletions of storyboards."""
    from showreel.storyboards.removal import Removal

    return Removal(Table(settings(StudioTable).studio_table))
