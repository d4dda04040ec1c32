"""What the pipeline writes on a film: who has it, how far it is, what was made of it.

Every file that a run leaves is noted on its row in `file_keys`, also when a later run replaces it,
so that deleting the film finds them all.
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
    """The rows of films as a run sees them."""

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
        """Gives the project, as it was read, to a run: nobody else can edit or start it then."""
        owned = {"status": status, "run_id": run_id, "active_run_id": run_id}
        return self.guarded_update(project, {**attributes, **owned, "updated_at": now_iso()})

    def move(
        self, project_id: str, origins: Sequence[ProjectStatus], status: ProjectStatus
    ) -> None:
        """Changes the status from one of `origins` or itself. Raises ConditionFailed."""
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
        """Takes the project back from its run, with what the run made of it.

        Holds only while the project is still there and still this run's.
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
        """Sets attributes of a clip; None removes one. A clip deleted meanwhile gets nothing."""
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
        """Holds only for the version that was read, while no run has the project."""
        pk, changed = film_pk(project.id), {**changes, "version": project.version + 1}
        return self._table.set_write(pk, PROJECT, changed, **unchanged_and_free(project))
