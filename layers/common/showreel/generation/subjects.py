"""Subjects of jobs: rows of products, such as a shot, that get a job's result.

The product writes the result there when the job is settled, in whatever process. The engine imports
no product: `showreel.results` registers a function for each.
"""

from collections.abc import Callable

from showreel.generation.models import Job

SettledCallback = Callable[[Job], None]
"""Writes the result of a finished job to its subject. May be called again."""

_callbacks: dict[str, SettledCallback] = {}


def on_settled(kind: str, callback: SettledCallback) -> None:
    """Registers the function to call with every finished job of this kind of subject."""
    _callbacks[kind] = callback


def notify_subject(job: Job) -> None:
    """Writes the result to the job's subject, if any. Raises KeyError for an unregistered kind."""
    if job.subject is not None:
        _callbacks[job.subject.kind](job)
