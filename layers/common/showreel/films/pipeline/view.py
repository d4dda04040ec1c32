"""The run of a film as callers see it."""

from showreel.runs.models import Run, RunView


class FilmRunView(RunView):
    """A run object with its project."""

    video_project_id: str
    draft: bool


def film_view(run: Run) -> FilmRunView:
    """Returns the run with its project's id."""
    shown = run.model_dump(include=set(RunView.model_fields))
    own = {"video_project_id": run.subject_id, "draft": run.options["draft"]}
    return FilmRunView.model_validate(shown | own)
