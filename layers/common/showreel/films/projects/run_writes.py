"""Writes of the pipeline on a film: the run that has it, its status, its files.

Every file that a run makes is added to `file_keys` of its row and stays there when a later run
replaces it, so that deleting the film finds them all.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.dynamo import Table, Write
from showreel.core.errors import ConditionFailed
from showreel.films.projects.models import ProjectRow, ProjectStatus
from showreel.films.projects.rows import (
    PROJECT,
    film_pk,
    new_files,
    not_found,
    status_in,
    unchanged_and_free,
)


class RunWrites:
    """Reads and writes of film rows that runs need."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load_project(self, project_id: str) -> ProjectRow:
        """Returns the project without its clips. Raises NotFound."""
        row = self._table.get(film_pk(project_id), PROJECT)
        if row is None or row.get("retired"):
            raise not_found()
        return ProjectRow.from_item(row)

    def start_write(
        self,
        project: ProjectRow,
        run_id: str,
        status: ProjectStatus,
        attributes: Mapping[str, Any],
    ) -> Write:
        """Gives the project, as it was read, to a run; nobody else can then edit or start it."""
        owned = {"status": status, "run_id": run_id, "active_run_id": run_id}
        return self.guarded_update(project, {**attributes, **owned, "updated_at": now_iso()})

    def move(
        self, project_id: str, origins: Sequence[ProjectStatus], status: ProjectStatus
    ) -> None:
        """Sets the status if it is one of `origins` or `status`. Raises ConditionFailed."""
        changes = {"status": status, "updated_at": now_iso()}
        pk, accepted = film_pk(project_id), status_in({*origins, status})
        self._table.apply(self._table.set_write(pk, PROJECT, changes, **accepted))

    def run_write(
        self,
        project_id: str,
        run_id: str,
        status: ProjectStatus,
        attributes: Mapping[str, Any],
    ) -> Write:
        """Returns the write that takes the project back from its run, with the run's results.

        It fails if the project is gone or another run has had it since.
        """
        freed = {"status": status, "active_run_id": None, "updated_at": now_iso()}
        return self._table.set_write(
            film_pk(project_id),
            PROJECT,
            {**attributes, **freed},
            add=new_files(attributes) | {"version": 1},
            condition="#guard_run = :guard_run",
            names={"#guard_run": "run_id"},
            values={":guard_run": run_id},
        )

    def set_clip(self, project_id: str, clip_id: str, **attributes: Any) -> None:
        """Sets attributes of a clip; None removes one. Does nothing if the clip is gone."""
        write = self._table.set_write(
            film_pk(project_id),
            f"clip#{clip_id}",
            {**attributes, "updated_at": now_iso()},
            add=new_files(attributes),
            condition="attribute_exists(pk)",
        )
        with contextlib.suppress(ConditionFailed):
            self._table.apply(write)

    def guarded_update(self, project: ProjectRow, changes: Mapping[str, Any]) -> Write:
        """Returns the write of a project, which fails if it has another version or a run has it."""
        pk, changed = film_pk(project.id), {**changes, "version": project.version + 1}
        return self._table.set_write(pk, PROJECT, changed, **unchanged_and_free(project))
