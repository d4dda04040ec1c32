"""The step LoadCut: starts the run and its clock. Pieces made ahead have no run."""

from showreel.core.observability import count
from showreel.cuts import context
from showreel.cuts.ahead import AT_ONCE
from showreel.cuts.kind import cut_runs
from showreel.cuts.steps.events import ClipNumbers

EXPORT_AT_ONCE = 20
"""How many pieces of an export are made at the same time."""


def load_cut(run_id: str, function_arn: str) -> ClipNumbers:
    """Starts the run's clock and lists its clips. Raises Conflict if the run is over."""
    plan = context.exports().plan(run_id)
    if not plan.is_ahead:
        cut_runs(function_arn).start(run_id, "Getting the cut ready")
        count("CutStarted")
    return ClipNumbers(
        run_id=run_id,
        clips=[{"index": clip.index} for clip in plan.cut.clips],
        at_once=AT_ONCE if plan.is_ahead else EXPORT_AT_ONCE,
        is_ahead=plan.is_ahead,
    )
