"""Every minute: dead runs and jobs are ended, waiting ones started, holds nobody needs closed."""

from typing import Any

from showreel.core.observability import measure
from showreel.credits.ledger import ledger
from showreel.generation import service as jobs
from showreel.generation.holds import expire
from showreel.products import all_runs
from showreel.runs.reconcile import guarded, reconcile


def handler(_event: dict[str, Any], context: Any) -> None:
    """Handles an invocation. `Sweep` says that all was done; its absence is an alarm."""
    arn = context.invoked_function_arn
    reconcile(all_runs(arn))
    guarded(ledger().expired(), expire, lambda hold: hold.id)
    guarded(jobs.due_job_ids(), lambda job_id: jobs.reconcile(job_id, arn), str)
    measure("OverdueJobs", len(jobs.due_job_ids()), "Count")
    measure("Sweep", 1, "Count")
