"""Exports as a kind of run: what `showreel.runs` calls to stop, settle and show them."""

from dataclasses import dataclass
from typing import Any

from showreel.assembly.models import UNUSABLE_FILES
from showreel.assets.keys import public_url
from showreel.core.clock import seconds_since
from showreel.core.observability import count, measure
from showreel.credits.ledger import ledger
from showreel.cuts import context
from showreel.cuts.exports import BUCKET, ExportPlan
from showreel.cuts.view import CutRunView, cut_view
from showreel.runs.kinds import RunLimits, Settlement
from showreel.runs.lifecycle import Lifecycle, lifecycle
from showreel.runs.models import Ending, Run, failed


@dataclass(frozen=True)
class CutRuns:
    """See `showreel.runs.kinds.RunKind`."""

    name: str = "cut"

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine DirectorCut."""
        return context.config().director_cut_state_machine

    @property
    def limits(self) -> RunLimits:
        """How many exports may be made at once, per workspace and in all."""
        config = context.config()
        return RunLimits(per_workspace=config.exports_per_workspace, in_all=config.runs_global)

    def view(self, run: Run) -> CutRunView:
        """Returns the run with its project's id."""
        return cut_view(run)

    def stop_children(self, run: Run, function_arn: str) -> None:
        """Does nothing: an export has no jobs, and its steps end with its execution."""

    def settle(self, run: Run, ending: Ending) -> Settlement:
        """Returns the run's output, and the writes that free the project. An export that was paid
        for is delivered, however its run ends.
        """
        plan = context.exports().plan(run.id)
        files = files_of(plan) if ending.status == "completed" or _is_paid(run) else {}
        changes = {**files, "status": ending.status}
        return Settlement(
            output=_output(run, plan, files),
            total=len(plan.cut.clips),
            writes=context.cuts().end_writes(plan.project_id, run.id, changes),
            then=_ended,
        )

    def waits_for_us(self, _run: Run) -> bool:
        """Returns False: the limit allows for an outage of ours, so it always ends an export."""
        return False

    def failure(self, run: Run) -> Ending:
        """Returns why there is no film, by the failure that a step noted."""
        code, message = run.state.get("failure"), run.state.get("failure_message")
        if code in UNUSABLE_FILES:
            return failed(code, UNUSABLE_FILES[code])
        if code and message:
            return failed(code, message)
        return failed("internal_error", "The cut could not be made")


def files_of(plan: ExportPlan) -> dict[str, str]:
    """Returns the object keys of a finished export, by the attribute names in its row."""
    files = plan.files.keys(BUCKET).model_dump()
    if plan.cut.settings.has_sidecars:
        files |= {
            f"{kind}_key": f"{BUCKET}/{plan.files.captions}.{kind}" for kind in ("vtt", "srt")
        }
    return files


def _is_paid(run: Run) -> bool:
    hold = ledger().find_hold(run.workspace_id, run.hold_id) if run.hold_id else None
    return hold is not None and hold.captured > 0


URLS = {
    "film_key": "outputUrl",
    "poster_key": "posterUrl",
    "contact_sheet_key": "contactSheetUrl",
    "vtt_key": "vttUrl",
    "srt_key": "srtUrl",
}


def _output(run: Run, plan: ExportPlan, files: dict[str, str]) -> dict[str, Any]:
    """Returns the run's `output`."""
    urls = {URLS[name]: public_url(run.public_base_url, key) for name, key in files.items()}
    length = {"durationSeconds": plan.cut.seconds, "frames": plan.cut.frames} if files else {}
    return {**urls, **length, "missingShots": len(plan.missing)}


CUTS = CutRuns()


def cut_runs(function_arn: str) -> Lifecycle:
    """Returns the runs of exports. `function_arn` is the calling function's own."""
    return lifecycle(function_arn, CUTS)


def _ended(run: Run) -> None:
    count("CutEnded", status=run.status)
    if run.status == "completed":
        measure("CutSeconds", seconds_since(run.created_at), "Seconds")
