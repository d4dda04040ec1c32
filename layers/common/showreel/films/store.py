"""Films in the Studio table.

    pk film#<project id>   sk project          the project; `clip_order` is the order of its clips
                           sk clip#<clip id>   one clip

Every edit is one transaction that holds only while the film is not running and has the version that
was read, so two edits at once both happen, one after the other, and a run never sees half of one.
"""

import contextlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, Conflict, NotFound
from showreel.core.ids import new_id
from showreel.films.models import ClipRow, Film, ProjectRow, ProjectStatus
from showreel.films.rows import (
    GUARD_NAMES,
    PROJECT,
    UNCHANGED_AND_FREE,
    assignments,
    clip_item,
    film_pk,
    guard_values,
    list_key,
    list_start,
    not_found,
    project_item,
    require_editable,
    status_in,
    status_values,
)

EDIT_ATTEMPTS = 12
READ_ATTEMPTS = 4


@dataclass(frozen=True)
class Edit:
    """What an edit changes. A value of None removes the attribute."""

    project: Mapping[str, Any] = field(default_factory=dict)
    clips: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    added: tuple[ClipRow, ...] = ()
    removed: tuple[str, ...] = ()


class FilmStore:
    """All reading and writing of film rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, project_id: str) -> Film:
        """The project with its clips in order. Raises NotFound.

        A query may meet a transaction half-way; then the rows don't fit and are read again.
        """
        for attempt in range(READ_ATTEMPTS):
            project, clips = self._rows(project_id)
            if set(project.clip_order) == set(clips) or attempt == READ_ATTEMPTS - 1:
                break
        ordered = tuple(clips[clip_id] for clip_id in project.clip_order if clip_id in clips)
        return Film(project=project, clips=ordered)

    def _rows(self, project_id: str) -> tuple[ProjectRow, dict[str, ClipRow]]:
        rows = list(self._table.query_all("pk = :pk", values={":pk": film_pk(project_id)}))
        project = next((row for row in rows if row["sk"] == PROJECT), None)
        if project is None:
            raise not_found()
        clips = [ClipRow.from_item(row) for row in rows if row["sk"].startswith("clip#")]
        return ProjectRow.from_item(project), {clip.id: clip for clip in clips}

    def load_project(self, project_id: str) -> ProjectRow:
        """The project without its clips. Raises NotFound."""
        row = self._table.get(film_pk(project_id), PROJECT)
        if row is None:
            raise not_found()
        return ProjectRow.from_item(row)

    def create(self, film: Film) -> None:
        """Writes a new film; its ids are random, so finding it there means this call wrote it."""
        rows = [project_item(film.project), *map(clip_item, film.clips)]
        try:
            transact([self._table.put_write(row, "attribute_not_exists(pk)") for row in rows])
        except ConditionFailed:
            self.load_project(film.project.id)

    def edit(self, project_id: str, change: Callable[[Film], Edit]) -> Film:
        """Applies `change` to the film as it is now, and returns the film as it is then.

        `change` may be called again when another edit came first; what it raises ends the edit.
        Raises NotFound, Conflict `project_running` or `edit_conflict`.
        """
        edit_id = new_id()
        for attempt in range(EDIT_ATTEMPTS):
            film = self.load(project_id)
            require_editable(film.project)
            edit = change(film)
            try:
                transact(self._edit_writes(film, edit, edit_id))
            except ConditionFailed:
                if self._is_done(project_id, edit_id):
                    return self.load(project_id)
                time.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))  # noqa: S311 - jitter
            else:
                return applied(film, edit)
        raise Conflict("Others are editing this project; try again", code="edit_conflict")

    def _edit_writes(self, film: Film, edit: Edit, edit_id: str) -> list[Write]:
        now = now_iso()
        project = {**edit.project, "last_edit_id": edit_id, "updated_at": now}
        pk = film_pk(film.project.id)
        return [
            self._guarded_update(film.project, project),
            *(self._table.put_write(clip_item(clip)) for clip in edit.added),
            *(self._table.delete_write(pk, f"clip#{clip_id}") for clip_id in edit.removed),
            *(
                self._set_write(pk, f"clip#{clip_id}", {**changes, "updated_at": now})
                for clip_id, changes in edit.clips.items()
            ),
        ]

    def _guarded_update(self, project: ProjectRow, changes: Mapping[str, Any]) -> Write:
        """Holds only for the version that was read, while no run has the project."""
        expression, names, values = assignments({**changes, "version": project.version + 1})
        return self._table.update_write(
            film_pk(project.id),
            PROJECT,
            expression,
            UNCHANGED_AND_FREE,
            names | GUARD_NAMES,
            values | guard_values(project),
        )

    def _set_write(self, pk: str, sk: str, changes: Mapping[str, Any]) -> Write:
        expression, names, values = assignments(changes)
        return self._table.update_write(pk, sk, expression, "attribute_exists(pk)", names, values)

    def _is_done(self, project_id: str, edit_id: str) -> bool:
        row = self._table.get(film_pk(project_id), PROJECT)
        return row is not None and row.get("last_edit_id") == edit_id

    def delete(self, project_id: str) -> Film:
        """Removes every row of a film that is not running, and returns what it was.

        Raises NotFound, Conflict `project_running` or `edit_conflict`.
        """
        for _ in range(EDIT_ATTEMPTS):
            film = self.load(project_id)
            require_editable(film.project)
            try:
                transact(self._delete_writes(film))
            except ConditionFailed:
                if self._table.get(film_pk(project_id), PROJECT) is None:
                    return film
            else:
                return film
        raise Conflict("Others are editing this project; try again", code="edit_conflict")

    def _delete_writes(self, film: Film) -> list[Write]:
        pk = film_pk(film.project.id)
        project = self._table.delete_write(
            pk,
            PROJECT,
            UNCHANGED_AND_FREE,
            GUARD_NAMES,
            guard_values(film.project),
        )
        return [project, *(self._table.delete_write(pk, f"clip#{clip.id}") for clip in film.clips)]

    def page(
        self, workspace_id: str, limit: int, after: tuple[str, str] | None
    ) -> tuple[list[ProjectRow], tuple[str, str] | None]:
        """Projects of a workspace, newest first, and the (created_at, id) to go on after."""
        rows, last = self._table.query(
            "list_key = :list_key",
            values={":list_key": list_key(workspace_id)},
            index="by_list",
            limit=limit,
            start=list_start(workspace_id, after),
            backwards=True,
        )
        following = (last["created_at"], last["pk"].removeprefix("film#")) if last else None
        return [ProjectRow.from_item(row) for row in rows], following

    def move(
        self,
        project_id: str,
        origins: Sequence[ProjectStatus],
        status: ProjectStatus,
        **attributes: Any,
    ) -> ProjectRow:
        """Changes the status from one of `origins`, and `attributes` with it, for the pipeline.

        A replay finds the status there already and is a no-op if `run_id` is the same. Raises
        ConditionFailed.
        """
        write = self.move_write(project_id, origins, status, **attributes)
        try:
            transact([write])
        except ConditionFailed:
            project = self.load_project(project_id)
            same_run = attributes.get("run_id") in {None, project.run_id}
            if project.status != status or not same_run:
                raise
        return self.load_project(project_id)

    def move_write(
        self,
        project_id: str,
        origins: Sequence[ProjectStatus],
        status: ProjectStatus,
        **attributes: Any,
    ) -> Write:
        """`move` as a part of a transaction, for instance with the hold of a run."""
        changes = {**attributes, "status": status, "updated_at": now_iso()}
        expression, names, values = assignments(changes)
        return self._table.update_write(
            film_pk(project_id),
            PROJECT,
            expression,
            status_in(origins),
            names | {"#guard_status": "status"},
            values | status_values(origins),
        )

    def update_project(self, project_id: str, **attributes: Any) -> None:
        """Sets attributes whatever the status; None removes one. Raises NotFound."""
        self._update(project_id, PROJECT, attributes)

    def set_clip(self, project_id: str, clip_id: str, **attributes: Any) -> None:
        """Sets attributes of a clip; None removes one. A clip deleted meanwhile gets nothing."""
        with contextlib.suppress(NotFound):
            self._update(project_id, f"clip#{clip_id}", attributes)

    def start_write(
        self,
        project: ProjectRow,
        run_id: str,
        status: ProjectStatus,
        attributes: Mapping[str, Any],
    ) -> Write:
        """Gives the project, as it was read, to a run: nobody else can edit or start it then."""
        owned = {"status": status, "run_id": run_id, "active_run_id": run_id}
        return self._guarded_update(project, {**attributes, **owned, "updated_at": now_iso()})

    def run_write(
        self,
        project_id: str,
        run_id: str,
        status: ProjectStatus,
        attributes: Mapping[str, Any],
    ) -> Write:
        """Takes the project back from its run, with what the run made of it."""
        freed = {"status": status, "active_run_id": None, "updated_at": now_iso()}
        expression, names, values = assignments({**attributes, **freed})
        return self._table.update_write(
            film_pk(project_id),
            PROJECT,
            f"{expression} ADD #guard_version :guard_one",
            "#guard_run = :guard_run",
            names | {"#guard_run": "run_id", "#guard_version": "version"},
            values | {":guard_run": run_id, ":guard_one": 1},
        )

    def _update(self, project_id: str, sk: str, attributes: Mapping[str, Any]) -> None:
        write = self._set_write(film_pk(project_id), sk, {**attributes, "updated_at": now_iso()})
        try:
            transact([write])
        except ConditionFailed as error:
            raise not_found() from error


def applied(film: Film, edit: Edit) -> Film:
    """The film after `edit`, as a value."""
    changes = {**edit.project, "version": film.project.version + 1, "updated_at": now_iso()}
    project = film.project.model_copy(update=changes)
    rows = {clip.id: clip for clip in (*film.clips, *edit.added) if clip.id not in edit.removed}
    for clip_id, clip_changes in edit.clips.items():
        rows[clip_id] = rows[clip_id].model_copy(update=dict(clip_changes))
    return Film(project=project, clips=tuple(rows[clip_id] for clip_id in project.clip_order))
