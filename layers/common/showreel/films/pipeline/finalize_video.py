"""The last step: publishes the film and ends the run."""

from showreel.assembly.film import publish
from showreel.films.pipeline import context
from showreel.films.pipeline.kind import films
from showreel.films.pipeline.steps import FinalizeTask
from showreel.films.projects.rows import film_pk
from showreel.runs.models import Ending


def finalize_video(task: FinalizeTask, function_arn: str) -> None:
    """Publishes the film and settles the run. Raises NotFound if a file isn't in the bucket."""
    plan, film = context.pieces(task.run_id).plan(), task.film
    keys = (film.film_key, film.poster_key, film.contact_sheet_key)
    publish(plan.workspace_id, keys, film_pk(plan.project_id))
    label = "The draft is ready" if plan.draft else "The film is ready"
    films(function_arn).end(task.run_id, Ending("completed", label, result=film))
