"""Subjects of jobs: rows of products, such as a shot, that get a job's result.

The product writes the result there when the job is settled, in whatever process. The engine imports
no product: `showreel.results` registers a function for each.
"""

from collections.abc import Callable

from showreel.generation.models import Job

SettledCallback = Callable[[Job], None]
"""Writes the result of a finished job to its subject. May be called again."""

_told: dict[str, SettledCallback] = {}


def on_settled(kind: str, told: SettledCallback) -> None:
    """Registers the function to call with every finished job of this kind of subject."""
    _told[kind] = told


def tell_subject(job: Job) -> None:
    """Writes the result to the job's subject, if any. Raises KeyError for an unregistered kind."""
    if job.subject is not None:
        _told[job.subject.kind](job)
