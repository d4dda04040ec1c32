"""The steps FinalizeCut, which charges for the finished film and ends the run, and ReleaseCut,
which ends a failed export and returns its credits.
"""

from showreel.assembly.film import publish
from showreel.core.errors import ConditionFailed, Conflict, HoldClosed
from showreel.credits.ledger import ledger
from showreel.cuts import context
from showreel.cuts.kind import cut_runs, files_of
from showreel.cuts.models import EXPORT_CREDITS
from showreel.runs.models import Ending
from showreel.runs.store import open_check
from showreel.runs.tasks import EndTask


def end_cut(task: EndTask, function_arn: str) -> None:
    """Ends an export: with its film, or with the error that the state machine caught."""
    if task.error is None:
        finalize_cut(task.run_id, function_arn)
    elif not context.exports().plan(task.run_id).is_ahead:
        cut_runs(function_arn).release(task.run_id, task.error_name)


def finalize_cut(run_id: str, function_arn: str) -> None:
    """Publishes the film, captures its price and ends the run. Raises NotFound if a file isn't in
    the bucket, Conflict `run_over`.
    """
    run, plan = context.runs().get(run_id), context.exports().plan(run_id)
    publish(plan.workspace_id, files_of(plan).values(), plan.owner)
    if run.hold_id is not None:
        try:
            ledger().capture(
                run.workspace_id,
                run.hold_id,
                EXPORT_CREDITS,
                job_id=run_id,
                run_id=run_id,
                with_writes=[open_check(context.runs_table(), run_id)],
            )
        except (ConditionFailed, HoldClosed) as error:
            raise Conflict("The run is over", code="run_over") from error
    cut_runs(function_arn).end(run_id, Ending("completed", "The cut is ready"))
