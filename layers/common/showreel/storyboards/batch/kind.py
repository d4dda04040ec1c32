"""Batches as a kind of run: what `showreel.runs` calls to stop, settle and show them."""

from dataclasses import dataclass

from showreel.core.clock import now_seconds
from showreel.core.observability import count
from showreel.generation.models import Job
from showreel.generation.service import cancel_job, close_lane, get_job
from showreel.runs.kinds import RunLimits, Settlement
from showreel.runs.lifecycle import Lifecycle, lifecycle
from showreel.runs.models import Ending, Run, failed
from showreel.storyboards.batch import context
from showreel.storyboards.batch.view import BatchRunView, batch_view, counts_of

WHY_STOPPED = {
    "insufficient_credits": "The credits didn't suffice; the rest of the shots is left as it was",
    "daily_spend_cap": "The daily limit is reached; the rest of the shots is left as it was",
}


@dataclass(frozen=True)
class BatchRuns:
    """See `showreel.runs.kinds.RunKind`."""

    name: str = "auto_generate"

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine AutoGenerate."""
        return context.config().auto_generate_state_machine

    @property
    def limits(self) -> RunLimits:
        """How many batches may run at once, per workspace and in all."""
        config = context.config()
        return RunLimits(per_workspace=config.batches_per_workspace, in_all=config.runs_global)

    def view(self, run: Run) -> BatchRunView:
        """Returns the run with its project and counts."""
        return batch_view(run)

    def stop_children(self, run: Run, function_arn: str) -> None:
        """Cancels the jobs that are still going on. Closes the run's lane first, so that no waiting
        job takes a cancelled one's place.
        """
        going = [one for one in context.rows(run.id).begun() if one.status == "generating"]
        if going:
            close_lane(run.id)
        for one in going:
            if one.job_id is not None:
                cancel_job(one.job_id, function_arn)

    def settle(self, run: Run, ending: Ending) -> Settlement:
        """Returns the counts. Results are on the shots already, and each job had its own hold."""
        counts, total = counts_of(context.runs().get(run.id)), run.options["total"]
        output = {
            "projectId": run.subject_id,
            "phase": run.options["phase"],
            "total": total,
            "completed": counts.completed,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "pending": total - counts.completed - counts.failed - counts.skipped,
            "credits": counts.credits,
        }
        return Settlement(
            output=output,
            total=total,
            then=lambda _run: count("BatchEnded", status=ending.status),
        )

    def waits_for_us(self, run: Run) -> bool:
        """Returns whether no job is overdue: each is made or within its deadline."""
        going = (one for one in context.rows(run.id).begun() if one.status == "generating")
        return all(_is_in_time(get_job(one.job_id)) for one in going if one.job_id)

    def failure(self, run: Run) -> Ending:
        """Returns the ending of a run that has stopped, from its counts."""
        counts, total = counts_of(run), run.options["total"]
        if counts.stopped:
            return failed(counts.stopped, WHY_STOPPED[counts.stopped])
        if counts.over < total:
            left = f"{total - counts.over} of {total} shots were not made"
            return failed("internal_error", left)
        if counts.failed and not counts.completed:
            return failed("shots_failed", "None of the shots could be made")
        return Ending("completed", f"{counts.completed} of {total} shots were made")


def _is_in_time(job: Job | None) -> bool:
    return job is None or job.is_in_time(now_seconds())


BATCHES = BatchRuns()


def batches(function_arn: str) -> Lifecycle:
    """Returns the runs of batches. `function_arn` is the calling function's own."""
    return lifecycle(function_arn, BATCHES)
