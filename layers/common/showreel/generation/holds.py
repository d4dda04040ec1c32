"""Expired holds: renewed while their job or run goes on, else closed.

Jobs and runs close their own holds; this is for those that can't any more.
"""

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Table
from showreel.core.observability import count, logger
from showreel.core.settings import RunsTable, settings
from showreel.credits.ledger import DUE_SHARDS, hold_of, ledger
from showreel.credits.models import Hold
from showreel.generation.engine import jobs
from showreel.runs.models import Run
from showreel.runs.sweep import Round, guarded

RENEWAL_SECONDS = 3600


def expire_due(sweep: Round) -> None:
    """Ends or renews expired holds, as long as the sweep has time."""
    rows = sweep.rows("holds", DUE_SHARDS, ledger().expired_page, by="expires_at")
    guarded(rows, lambda row: expire(hold_of(row)), lambda row: str(row["sk"]))


def expire(hold: Hold) -> None:
    """Ends an expired hold, or renews it while its job or run goes on. Safe to repeat.

    Raises HoldClosed, Transient.
    """
    if _is_needed(hold):
        ledger().renew(hold.workspace_id, hold.id, now_seconds() + RENEWAL_SECONDS)
        return
    outcome = ledger().close(hold.workspace_id, hold.id, "expired")
    logger().warning("a hold expired", hold_id=hold.id, outcome=outcome, credits=hold.remaining)
    count("HoldExpired")


def _is_needed(hold: Hold) -> bool:
    if hold.run_id is not None:
        row = Table(settings(RunsTable).runs_table).get(hold.run_id, "run")
        return row is not None and not Run.model_validate(row).is_over
    job = jobs().find(hold.job_id or hold.id)
    return job is not None and job.settled_at is None
