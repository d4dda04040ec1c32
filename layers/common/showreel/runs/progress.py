"""Progress that goes on, never back."""

from collections.abc import Callable
from typing import Any

from showreel.runs.models import Progress, Run
from showreel.runs.store import Change

STEP = 0.1
"""Each report is an event that every watcher gets."""


def forwards(progress: Progress) -> Change:
    """Returns the change to a further point, or to the next step at the same one."""

    def change(run: Run) -> dict[str, Any] | None:
        now = run.progress
        is_new = progress.step != now.step and progress.progress >= now.progress
        return {"progress": progress} if is_new or progress.progress > now.progress else None

    return change


def in_steps(report: Callable[[float], None]) -> Callable[[float], None]:
    """Reports 0 at once, and then a share, 0 to 1, whenever a tenth more is done."""
    told = 0.0
    report(told)

    def reach(share: float) -> None:
        nonlocal told
        if share >= told + STEP:
            told = share
            report(min(share, 1.0))

    return reach
