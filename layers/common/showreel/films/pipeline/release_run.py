"""The clean-up state: whatever went wrong, the run ends and its money is settled."""

from showreel.core.clock import now_seconds
from showreel.core.observability import logger
from showreel.films.pipeline import context, ending
from showreel.films.pipeline.ending import TIMED_OUT, failed
from showreel.films.pipeline.outcome import Ending
from showreel.films.pipeline.pieces import piece_name
from showreel.films.pipeline.steps import ReleaseTask
from showreel.runs.models import Run


def release_run(task: ReleaseTask, function_arn: str) -> None:
    """Ends a run that can't go on; one that is over stays as it is."""
    name = (task.error or {}).get("Error", "unknown")
    logger().warning("run released", run_id=task.run_id, error=name)
    run = context.runs().get(task.run_id)
    ending.end_run(task.run_id, why(run), function_arn)


def why(run: Run) -> Ending:
    """How a run that stopped ends, read from what is stored."""
    if run.cancel_requested:
        return ending.CANCELED
    if run.deadline_at is not None and now_seconds() >= run.deadline_at:
        return TIMED_OUT
    plan = context.pieces(run.id).plan()
    pieces = context.pieces(run.id).all(plan)
    lost = sum(pieces[piece_name("clip", clip.index)].status == "failed" for clip in plan.clips)
    if lost == len(plan.clips):
        return failed("clips_failed", "None of the clips could be made")
    if lost and not run.options.get("allow_partial", True):
        return failed("clips_failed", f"{lost} of {len(plan.clips)} clips could not be made")
    return failed("internal_error", "The film could not be made")
