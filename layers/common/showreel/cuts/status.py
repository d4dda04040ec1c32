"""The answer of `status`, from an export's run."""

from showreel.cuts import context
from showreel.cuts.kind import cut_runs
from showreel.cuts.responses import ExportState, ExportStatus
from showreel.cuts.view import cut_view
from showreel.identity import Caller
from showreel.runs.models import Run, RunStatus
from showreel.runs.service import own_run

MISSING = "Export job not found"
LEAST_PROGRESS = 5
"""The progress that even a new export shows."""


def export_state(caller: Caller, job_id: str, function_arn: str) -> ExportState:
    """Returns the state of an export. Raises NotFound, the same for missing and foreign ones."""
    on = cut_runs(function_arn)
    run = own_run(on, caller, job_id, MISSING)
    position, view = on.position(run), cut_view(run)
    output = run.output or {}
    return ExportState(
        status=status_of(run, position),
        progress=max(LEAST_PROGRESS, run.progress.progress),
        output_url=output.get("outputUrl"),
        error=_error(run),
        error_code=run.error.code if run.error else _canceled(run),
        provider=view.provider,
        provider_status=provider_status(run),
        fallback_used=view.fallback_used,
        fallback_reason=view.fallback_reason,
        job_id=run.id,
        project_id=run.subject_id,
        retry_of=view.retry_of,
        queue_position=position,
        credits_used=run.credits.posted,
        output=output,
        missing_shot_details=list(context.exports().plan(run.id).missing),
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


def status_of(run: Run, position: int | None) -> ExportStatus:
    """Returns the documented status; `pending` is an export in the queue."""
    if not run.is_over:
        return "processing" if position is None else "pending"
    return "completed" if run.status == "completed" else "failed"


def provider_status(run: Run) -> str:
    """Returns the renderer's own status, in the documented words where there are some."""
    words: dict[RunStatus, str] = {"timed_out": "failed"}
    return words.get(run.status, run.status)


def _error(run: Run) -> str | None:
    if run.error is not None:
        return run.error.message
    return "The export was canceled" if run.status == "canceled" else None


def _canceled(run: Run) -> str | None:
    return "canceled" if run.status == "canceled" else None
