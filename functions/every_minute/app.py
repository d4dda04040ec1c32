"""Every minute: ends dead runs and jobs, starts waiting ones, closes holds that nobody needs."""

from functools import partial
from typing import Any

from showreel.core.observability import measure
from showreel.generation.holds import expire_due
from showreel.generation.reviving import reconcile_due
from showreel.products import all_runs
from showreel.providers.circuits import circuits
from showreel.results import register_products
from showreel.runs.reconcile import reconcile
from showreel.runs.sweep import Round, in_turn

register_products()


def handler(_event: dict[str, Any], context: Any) -> None:
    """Handles an invocation. The metric `Sweep` says that it finished; an alarm misses it."""
    arn = context.invoked_function_arn
    runs = all_runs(arn)
    sweep = Round(runs.table, lambda: context.get_remaining_time_in_millis() / 1000)
    in_turn(
        runs=partial(reconcile, runs, sweep),
        jobs=partial(reconcile_due, sweep, arn),
        holds=partial(expire_due, sweep),
        circuits=circuits().measure,
    )
    measure("Sweep", 1, "Count")
