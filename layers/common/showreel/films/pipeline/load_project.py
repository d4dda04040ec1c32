"""The first step: starts the run and its clock, and lists the clips."""

from showreel.core.errors import ConditionFailed, Conflict
from showreel.core.observability import count
from showreel.films.pipeline import context
from showreel.films.pipeline.kind import films
from showreel.films.pipeline.steps import Clips
from showreel.films.projects.models import ProjectStatus
from showreel.runs.models import Run


def load_project(run_id: str, function_arn: str) -> Clips:
    """Starts the run's clock and lists its clips. Raises Conflict if the run is over already."""
    plan = context.pieces(run_id).plan()
    run = films(function_arn).start(run_id, "Getting the film ready")
    set_project_status(run, ("queued", "generating"), "generating")
    count("FilmStarted")
    return Clips(
        run_id=run_id,
        limit_seconds=run.limit_seconds,
        clips=[{"index": clip.index} for clip in plan.clips],
    )


def set_project_status(run: Run, origins: tuple[ProjectStatus, ...], status: ProjectStatus) -> None:
    """Sets the project's status, except when a draft is made of a completed one.

    Raises Conflict `run_over` if the status isn't one of `origins`.
    """
    if run.options["draft"] and run.options["status_before"] == "completed":
        return
    try:
        context.films().move(run.subject_id, origins, status)
    except ConditionFailed as error:
        raise Conflict("The project isn't being made", code="run_over") from error
