"""The run of an export as callers see it."""

from showreel.cuts.models import RendererName
from showreel.runs.models import Run, RunView


class CutRunView(RunView):
    """A run object with its project."""

    project_id: str
    retry_of: str | None
    provider: RendererName
    fallback_used: bool
    fallback_reason: str | None


def cut_view(run: Run) -> CutRunView:
    """Returns the run with its project and renderer."""
    shown, reason = run.model_dump(include=set(RunView.model_fields)), _fallback(run)
    own = {
        "project_id": run.subject_id,
        "retry_of": run.options.get("retry_of"),
        "provider": "ffmpeg" if reason else run.options["provider"],
        "fallback_used": reason is not None,
        "fallback_reason": reason,
    }
    return CutRunView.model_validate(shown | own)


def _fallback(run: Run) -> str | None:
    """Returns why our own renderer stood in for another one, None if it didn't."""
    reason = run.state.get("fallback_reason")
    if reason or run.options["provider"] == "ffmpeg" or run.status != "completed":
        return reason
    return None if (run.state.get("remote") or {}).get("etag") else "remote_failed"
