"""Records results of a run's shots: row, event and the run's counts, in one transaction."""

from typing import Any

from showreel.assets.keys import public_url
from showreel.core.errors import ConditionFailed
from showreel.generation.models import Job
from showreel.generation.verdicts import code_of
from showreel.runs.models import Progress, Run
from showreel.storyboards.batch import context
from showreel.storyboards.batch.models import ShotResult
from showreel.storyboards.batch.view import ShotCounts, counts_of
from showreel.storyboards.generations.results import keep, made_key

STOPPED = "stopped"
"""The event that says that no more shots are begun."""


def shot_settled(job: Job) -> None:
    """Writes the result of a settled job on its shot, and in its run if it has one. Safe to
    repeat.
    """
    keep(job)
    if job.run_id is None or job.subject is None or job.lane is None:
        return
    is_made = job.status == "completed"
    ended = ShotResult(
        index=job.lane.order,
        shot_id=job.subject.id,
        status="completed" if is_made else "canceled" if job.status == "canceled" else "failed",
        job_id=job.job_id,
        reason=None if is_made else code_of(job),
        key=made_key(job) if is_made else None,
        credits=job.credits_debited,
    )
    note(job.run_id, ended)


def note(run_id: str, result: ShotResult) -> None:
    """Adds a shot's result to the counts, once, and records the event."""

    def change(run: Run) -> dict[str, Any]:
        counts = _counted(counts_of(run), result)
        total = run.options["total"]
        label = f"{counts.over} of {total} shots are done"
        percent = 5 + 90 * counts.over // max(total, counts.over)
        progress = Progress(step="generating", label=label, total_clips=total, progress=percent)
        return {"state": counts.model_dump(), "progress": progress}

    run = context.runs().get(run_id)
    data = {
        "shot_id": result.shot_id,
        "status": result.status,
        "reason": result.reason,
        "job_id": result.job_id,
        "url": public_url(run.public_base_url, result.key) if result.key else None,
        "credits": result.credits,
    }
    writes = [context.rows(run_id).end_write(result)]
    try:
        context.runs().change(run_id, change, event=("shot", data), with_writes=writes)
    except ConditionFailed:  # it was counted before
        return


def stop(run_id: str, code: str) -> None:
    """Stops the run from beginning shots, with the reason; begun ones go on."""

    def change(run: Run) -> dict[str, Any] | None:
        counts = counts_of(run)
        if counts.stopped:
            return None
        return {"state": counts.model_copy(update={"stopped": code}).model_dump()}

    context.runs().change(run_id, change, event=(STOPPED, {"code": code}))


def _counted(counts: ShotCounts, result: ShotResult) -> ShotCounts:
    name = result.status
    changed = {name: getattr(counts, name) + 1, "credits": counts.credits + result.credits}
    return counts.model_copy(update=changed)
