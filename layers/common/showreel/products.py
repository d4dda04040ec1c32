"""What all products give to machinery that knows none of them: the only module that knows all."""

from showreel.films.pipeline.kind import FILMS
from showreel.runs.lifecycle import Lifecycle, lifecycle


def all_runs(function_arn: str) -> Lifecycle:
    """Runs of every kind. `function_arn` is the calling function's own."""
    return lifecycle(function_arn, FILMS)
