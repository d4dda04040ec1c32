"""Every minute: dead runs and jobs are ended, waiting ones started, holds nobody needs closed."""

from typing import Any

from showreel.core.observability import measure
from showreel.credits.ledger import ledger
from showreel.generation import service as jobs
from showreel.generation.holds import expire
from showreel.products import all_runs
from showreel.providers.circuits import circuits
from showreel.results import tell_products
from showreel.runs.reconcile import reconcile
from showreel.runs.sweep import Round, guarded

tell_products()


def handler(_event: dict[str, Any], context: Any) -> None:
    """Handles an invocation. `Sweep` says that it came to its end; its absence is an alarm."""
    arn = context.invoked_function_arn
    runs = all_runs(arn)
    sweep = Round(runs.table, lambda: context.get_remaining_time_in_millis() / 1000)
    reconcile(runs, sweep)
    jobs.reconcile_due(sweep, arn)
    guarded(ledger().expired(), expire, lambda hold: hold.id)
    measure("OverdueJobs", len(jobs.due_job_ids()), "Count")
    measure("OpenCircuits", len(circuits().not_closed()), "Count")
    measure("Sweep", 1, "Count")
