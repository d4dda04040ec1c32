"""Changes of a run's progress, which never falls."""

from collections.abc import Callable
from typing import Any

from showreel.runs.models import Progress, Run
from showreel.runs.store import Change

STEP = 0.1
"""The smallest share to report: each report is an event that every watcher gets."""


def forwards(progress: Progress) -> Change:
    """Returns a change to a higher percentage, or to another step at the same one."""

    def change(run: Run) -> dict[str, Any] | None:
        now = run.progress
        is_new = progress.step != now.step and progress.progress >= now.progress
        return {"progress": progress} if is_new or progress.progress > now.progress else None

    return change


def in_steps(report: Callable[[float], None]) -> Callable[[float], None]:
    """Reports 0; returns a function that reports a share, 0 to 1, if it is a tenth more."""
    reported = 0.0
    report(reported)

    def reach(share: float) -> None:
        nonlocal reported
        if share >= reported + STEP:
            reported = share
            report(min(share, 1.0))

    return reach
