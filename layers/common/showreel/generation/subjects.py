"""Whom a job is made for, where that is a row of a product's, such as a shot.

The product writes the result there when the job is settled, whoever settles it and whether anybody
watches. The engine knows no product: `showreel.results` tells it what each of them does.
"""

from collections.abc import Callable

from showreel.generation.models import Job

SettledCallback = Callable[[Job], None]
"""Writes the result of a job that has ended, with its money. Done again it does nothing new."""

_told: dict[str, SettledCallback] = {}


def on_settled(kind: str, told: SettledCallback) -> None:
    """Has `told` called with every job of this kind of subject that ends."""
    _told[kind] = told


def tell_subject(job: Job) -> None:
    """Writes the result where it belongs. Raises KeyError in a process that knows no such kind."""
    if job.subject is not None:
        _told[job.subject.kind](job)
