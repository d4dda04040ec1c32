"""The run of an export as callers see it."""

from showreel.cuts.models import Provider
from showreel.runs.models import Run, RunView


class CutRunView(RunView):
    """A run object with its project."""

    project_id: str
    retry_of: str | None
    provider: Provider
    fallback_used: bool
    fallback_reason: str | None


def cut_view(run: Run) -> CutRunView:
    """Returns the run with what it is about."""
    shown = run.model_dump(include=set(RunView.model_fields))
    own = {
        "project_id": run.subject_id,
        "retry_of": run.options.get("retry_of"),
        "provider": run.state.get("provider") or run.options["provider"],
        "fallback_used": bool(run.state.get("fallback_reason")),
        "fallback_reason": run.state.get("fallback_reason"),
    }
    return CutRunView.model_validate(shown | own)
