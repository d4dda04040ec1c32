"""Writes an export's progress: 10 to 70 by the frames of its pieces, 70 to 90 by those of the
joined film, as FFmpeg counts them; it never falls.
"""

import time
from collections.abc import Callable
from typing import Any

from showreel.cuts import context
from showreel.cuts.plan import CutClip, CutPlan
from showreel.runs.models import Progress, Run
from showreel.runs.progress import forwards
from showreel.runs.store import Change

REPORT_SECONDS = 3.0
"""The least time between reports: each is a write to the run's row, which all pieces share."""


def piece_reporter(job_id: str, plan: CutPlan, clip: CutClip) -> Callable[[int], None]:
    """Returns a function that reports how many frames of a piece are made."""

    def report(frames: int) -> None:
        context.runs().change(job_id, _made(plan, clip, min(frames, clip.frames), "being made"))

    return report


def now_and_then(report: Callable[[int], None]) -> Callable[[int], None]:
    """Returns a function that passes numbers to `report`, at most one in 3 seconds."""
    reported_at = time.monotonic()

    def throttled(number: int) -> None:
        nonlocal reported_at
        if time.monotonic() - reported_at >= REPORT_SECONDS:
            reported_at = time.monotonic()
            report(number)

    return throttled


def piece_finished(job_id: str, plan: CutPlan, clip: CutClip) -> None:
    """Reports that all frames of a piece are made."""
    context.runs().change(job_id, _made(plan, clip, clip.frames, "ready"))


def _made(plan: CutPlan, clip: CutClip, frames: int, how: str) -> Change:
    def change(run: Run) -> dict[str, Any] | None:
        before: dict[str, int] = run.state.get("frames", {})
        if frames <= before.get(str(clip.index), 0):
            return None
        now = {**before, str(clip.index): frames}
        total = sum(one.frames for one in plan.clips)
        progress = Progress(
            step="generating",
            label=f"Scene {clip.scene_number}, shot {clip.shot_number} is {how}",
            clip_index=clip.index + 1,
            total_clips=len(plan.clips),
            progress=10 + 60 * sum(now.values()) // total,
        )
        return {"state": {**run.state, "frames": now}, "progress": progress}

    return change


def compiling(job_id: str, share: float) -> None:
    """Sets the progress while the film is joined; `share` is the part that is done, 0 to 1."""
    step = Progress(step="compiling", label="Joining the cut", progress=70 + int(20 * share))
    context.runs().change(job_id, forwards(step))


def uploading(job_id: str) -> None:
    """Sets the progress to 95: the film is made and being published."""
    step = Progress(step="uploading", label="Publishing the cut", progress=95)
    context.runs().change(job_id, forwards(step))


def composing(job_id: str) -> None:
    """Sets the progress to 96: the film is made, and another renderer makes its picture."""
    step = Progress(step="uploading", label="The remote renderer makes the picture", progress=96)
    context.runs().change(job_id, forwards(step))


def note_failure(job_id: str, code: str, message: str) -> None:
    """Stores the code and message of a failure, with which ReleaseCut ends the run."""
    failure = {"failure": code, "failure_message": message}
    context.runs().change(job_id, lambda run: {"state": {**run.state, **failure}})
