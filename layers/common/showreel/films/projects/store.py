"""Films in the Studio table.

    pk film#<project id>   sk project          the project; `clip_order` is the order of its clips
                           sk clip#<clip id>   one clip

An edit is one transaction, on condition that no run has the film and its version is the one read.
So simultaneous edits are applied one after the other, and a run never sees half of one.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from showreel.core.backoff import jittered
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Write, transact
from showreel.core.errors import ConditionFailed, Conflict
from showreel.core.ids import new_id
from showreel.edge.paging import listed
from showreel.films.projects.models import ClipRow, Film, ProjectRow
from showreel.films.projects.rows import (
    PROJECT,
    clip_item,
    film_pk,
    list_key,
    not_found,
    project_item,
    require_editable,
)
from showreel.films.projects.run_writes import RunWrites

EDIT_ATTEMPTS = 12
READ_ATTEMPTS = 4
RETIRED_SECONDS = 8 * 86_400
"""How long rows stay if their deletion was interrupted."""


@dataclass(frozen=True)
class Edit:
    """The changes of an edit. A value of None removes the attribute."""

    project: Mapping[str, Any] = field(default_factory=dict)
    clips: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    added: tuple[ClipRow, ...] = ()
    removed: tuple[str, ...] = ()


class FilmStore(RunWrites):
    """Reads and writes film rows."""

    def load(self, project_id: str, *, retired: bool = False) -> Film:
        """Returns the project with its clips. Raises NotFound, also for one that is retired.

        Reads again if the clips don't match `clip_order`: a query may see half of a transaction.
        """
        for attempt in range(READ_ATTEMPTS):
            project, clips = self._rows(project_id)
            if set(project.clip_order) == set(clips) or attempt == READ_ATTEMPTS - 1:
                break
        if project.retired and not retired:
            raise not_found()
        ordered = tuple(clips[clip_id] for clip_id in project.clip_order if clip_id in clips)
        return Film(project=project, clips=ordered)

    def _rows(self, project_id: str) -> tuple[ProjectRow, dict[str, ClipRow]]:
        rows = list(self._table.query_all("pk = :pk", values={":pk": film_pk(project_id)}))
        project = next((row for row in rows if row["sk"] == PROJECT), None)
        if project is None:
            raise not_found()
        clips = [ClipRow.from_item(row) for row in rows if row["sk"].startswith("clip#")]
        return ProjectRow.from_item(project), {clip.id: clip for clip in clips}

    def create(self, film: Film) -> None:
        """Writes a new film. Safe to repeat: ids are random, so a film there is this call's."""
        rows = [project_item(film.project), *map(clip_item, film.clips)]
        try:
            transact([self._table.put_write(row, "attribute_not_exists(pk)") for row in rows])
        except ConditionFailed:
            self.load_project(film.project.id)

    def edit(self, project_id: str, change: Callable[[Film], Edit]) -> Film:
        """Applies `change` to the present film and returns the film after it.

        `change` is called again if another edit came first; what it raises ends the edit. Raises
        NotFound, Conflict `project_running` or `edit_conflict`.
        """
        edit_id = new_id()
        for pause in islice(jittered(0.01, longest=0.64), EDIT_ATTEMPTS):
            film = self.load(project_id)
            require_editable(film.project)
            edit = change(film)
            try:
                transact(self._edit_writes(film, edit, edit_id))
            except ConditionFailed:
                if self._is_done(project_id, edit_id):
                    return self.load(project_id)
                time.sleep(pause)
            else:
                return applied(film, edit)
        raise Conflict("Others are editing this project; try again", code="edit_conflict")

    def _edit_writes(self, film: Film, edit: Edit, edit_id: str) -> list[Write]:
        now = now_iso()
        project = {**edit.project, "last_edit_id": edit_id, "updated_at": now}
        pk = film_pk(film.project.id)
        return [
            self.guarded_update(film.project, project),
            *(self._table.put_write(clip_item(clip)) for clip in edit.added),
            *(self._table.delete_write(pk, f"clip#{clip_id}") for clip_id in edit.removed),
            *(
                self._table.set_write(
                    pk,
                    f"clip#{clip_id}",
                    {**changes, "updated_at": now},
                    condition="attribute_exists(pk)",
                )
                for clip_id, changes in edit.clips.items()
            ),
        ]

    def _is_done(self, project_id: str, edit_id: str) -> bool:
        row = self._table.get(film_pk(project_id), PROJECT)
        return row is not None and row.get("last_edit_id") == edit_id

    def retire(self, project_id: str) -> Film:
        """Hides a film that is not running from everybody; from then on it can only be deleted.

        Returns a retired film again, so that an interrupted deletion can be finished. Raises
        NotFound, Conflict `project_running` or `edit_conflict`.
        """
        for _ in range(EDIT_ATTEMPTS):
            film = self.load(project_id, retired=True)
            if film.project.retired:
                return film
            require_editable(film.project)
            with contextlib.suppress(ConditionFailed):
                expires_at = now_seconds() + RETIRED_SECONDS
                changes = {"retired": True, "list_key": None, "updated_at": now_iso()}
                project = self.guarded_update(film.project, changes | {"expires_at": expires_at})
                transact([project, *self._expiries(film, expires_at)])
        raise Conflict("Others are editing this project; try again", code="edit_conflict")

    def _expiries(self, film: Film, expires_at: int) -> list[Write]:
        """Returns writes that let the clips' rows expire if the deletion is interrupted."""
        pk, change = film_pk(film.project.id), {"expires_at": expires_at}
        return [
            self._table.set_write(pk, f"clip#{clip.id}", change, condition="attribute_exists(pk)")
            for clip in film.clips
        ]

    def delete(self, film: Film) -> None:
        """Removes the rows of a retired film. Safe to repeat."""
        pk = film_pk(film.project.id)
        names = [PROJECT, *(f"clip#{clip.id}" for clip in film.clips)]
        transact([self._table.delete_write(pk, name) for name in names])

    def page(
        self, workspace_id: str, limit: int, cursor: str | None
    ) -> tuple[list[ProjectRow], str | None]:
        """Returns projects, newest first, and the next cursor. Raises InvalidInput."""
        rows, following = listed(self._table, list_key(workspace_id), limit, cursor)
        return [ProjectRow.from_item(row) for row in rows], following


def applied(film: Film, edit: Edit) -> Film:
    """Returns the film as it is after `edit`."""
    changes = {**edit.project, "version": film.project.version + 1, "updated_at": now_iso()}
    project = film.project.model_copy(update=changes)
    rows = {clip.id: clip for clip in (*film.clips, *edit.added) if clip.id not in edit.removed}
    for clip_id, clip_changes in edit.clips.items():
        rows[clip_id] = rows[clip_id].model_copy(update=dict(clip_changes))
    return Film(project=project, clips=tuple(rows[clip_id] for clip_id in project.clip_order))
