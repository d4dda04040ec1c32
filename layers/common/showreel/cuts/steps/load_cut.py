"""LoadCut: the export begins, its clock starts, its credits are kept while it lasts."""

from showreel.core.observability import count
from showreel.cuts import context
from showreel.cuts.kind import cut_runs
from showreel.cuts.steps.events import ClipNumbers


def load_cut(run_id: str, function_arn: str) -> ClipNumbers:
    """Starts the run's clock and lists its clips. Raises Conflict if the run is over already."""
    plan = context.exports().plan(run_id)
    cut_runs(function_arn).start(run_id, "Getting the cut ready")
    count("CutStarted")
    return ClipNumbers(run_id=run_id, clips=[{"index": clip.index} for clip in plan.cut.clips])
