"""The first step: the run begins, its clock starts, its credits are kept while it lasts."""

from showreel.core.clock import now_iso, now_seconds
from showreel.core.errors import ConditionFailed, Conflict
from showreel.core.observability import count
from showreel.films.pipeline import context
from showreel.films.pipeline.steps import Clips
from showreel.films.projects.models import ProjectStatus
from showreel.runs.models import Progress, Run

GRACE_SECONDS = 3600
"""How long after its limit a run's hold stays open, for the reconciler to settle it."""


def load_project(run_id: str) -> Clips:
    """Starts the run's clock and lists its clips. Raises Conflict if the run is over already."""
    plan = context.pieces(run_id).plan()
    run = context.runs().change(run_id, _started)
    if run.is_over:
        raise Conflict("The run is over", code="run_over")
    if run.hold_id:
        expiry = (run.deadline_at or 0) + GRACE_SECONDS
        context.ledger().renew(run.workspace_id, run.hold_id, expiry)
    set_project_status(run, ("queued", "generating"), "generating")
    count("FilmStarted")
    return Clips(
        run_id=run_id,
        concurrency=context.config().clip_concurrency,
        limit_seconds=run.limit_seconds,
        clips=[{"owner": clip.index} for clip in plan.clips],
    )


def _started(run: Run) -> dict[str, object] | None:
    if run.status != "queued":
        return None
    return {
        "status": "running",
        "started_at": now_iso(),
        "deadline_at": now_seconds() + run.limit_seconds,
        "progress": Progress(step="starting", label="Getting the film ready", progress=5),
    }


def set_project_status(run: Run, origins: tuple[ProjectStatus, ...], status: ProjectStatus) -> None:
    """Moves the project on with the run; a draft leaves a completed project as it is."""
    if run.draft and run.options.get("status_before") == "completed":
        return
    try:
        context.films().move(run.subject_id, origins, status)
    except ConditionFailed as error:
        raise Conflict("The project isn't being made", code="run_over") from error
