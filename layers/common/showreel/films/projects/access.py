"""Access to films: which ones a caller may see."""

import contextlib
import functools
import re

from showreel.core.dynamo import Table
from showreel.core.errors import NotFound
from showreel.core.settings import StudioTable, settings
from showreel.films.projects.models import Film
from showreel.films.projects.rows import not_found
from showreel.films.projects.store import FilmStore
from showreel.identity import Caller, require_access

ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


@functools.cache
def films() -> FilmStore:
    """Returns the film rows of this process."""
    return FilmStore(Table(settings(StudioTable).studio_table))


def require_film(caller: Caller, project_id: str, *, retired: bool = False) -> Film:
    """Returns the film, if the caller is a member of its workspace. Raises NotFound otherwise."""
    if not ID.match(project_id):
        raise not_found()
    film = None
    with contextlib.suppress(NotFound):
        film = films().load(project_id, retired=retired)
    missing = not_found()
    require_access(caller, film.project.workspace_id if film else None, missing.message)
    if film is None:
        raise missing
    return film
