"""Timelines and exports in the partition of their project (`showreel.projects`).

    sk cut#timeline       revision, texts, music; how many parts the rows have
       cut#rows#00        25 rows, with the revision that they belong to
       cut#active         the export that is being made, and the latest one
       cut#ahead          the execution that makes the project's pieces, ahead or for an export
       cut#export#<job>   an export: how it ended, and its files

A timeline is written as a whole, in one transaction that fails if the revision isn't the one read.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed, Conflict, Transient
from showreel.core.ids import new_id
from showreel.cuts.models import Ahead, CutRow, Timeline
from showreel.projects import presence_write, storyboard_pk

OWN = "cut#"
HEAD, ROWS, ACTIVE = f"{OWN}timeline", f"{OWN}rows#", f"{OWN}active"
AHEAD = f"{OWN}ahead"
ROWS_PER_PART = 25
"""A row has at most 10 KB, an item at most 400 KB."""
READ_ATTEMPTS = 4
STALE = "The timeline has changed since this revision"


class CutStore:
    """Reads and writes these rows. Those of an export's run are in `exports.py`."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def timeline(self, project_id: str, workspace_id: str) -> Timeline:
        """Returns the timeline; a new one of revision 0 if there is none. Raises Transient."""
        for _ in range(READ_ATTEMPTS):
            head = self.table.get(storyboard_pk(project_id), HEAD)
            if head is None:
                return Timeline(project_id=project_id, workspace_id=workspace_id)
            rows = self._rows(project_id, head)
            if rows is not None:
                return Timeline.model_validate({**head, "rows": rows})
        raise Transient("the timeline is being changed by too many others")

    def _rows(self, project_id: str, head: Item) -> list[CutRow] | None:
        """Returns the rows; None if they were replaced since the head was read."""
        names = ((storyboard_pk(project_id), _part(number)) for number in range(head["parts"]))
        parts = sorted(self.table.get_many(names), key=lambda part: str(part["sk"]))
        if len(parts) != head["parts"] or {part["revision"] for part in parts} - {head["revision"]}:
            return None
        return [CutRow.model_validate(row) for part in parts for row in part["rows"]]

    def save(self, before: Timeline, after: Timeline) -> Timeline:
        """Replaces `before`, which was read, by `after`, if the project exists. Returns it with its
        new revision. Raises Conflict `stale_revision`.
        """
        edit_id = new_id()
        saved = after.model_copy(update={"revision": before.revision + 1})
        try:
            transact([*self._save_writes(before, saved, edit_id), presence_write(after.project_id)])
        except ConditionFailed as error:
            head = self.table.get(storyboard_pk(after.project_id), HEAD) or {}
            if head.get("edit_id") != edit_id:
                details = {"revision": head.get("revision", 0)}
                raise Conflict(STALE, code="stale_revision", details=details) from error
        return saved

    def _save_writes(self, before: Timeline, after: Timeline, edit_id: str) -> Iterator[Write]:
        pk, parts = (
            storyboard_pk(after.project_id),
            list(batched(after.rows, ROWS_PER_PART, strict=False)),
        )
        head = after.model_dump(mode="json", exclude={"rows"}, exclude_none=True)
        named = {"pk": pk, "sk": HEAD, "parts": len(parts), "edit_id": edit_id}
        if before.revision:
            yield self.table.put_write(
                head | named, "revision = :read", values={":read": before.revision}
            )
        else:
            yield self.table.put_write(head | named, "attribute_not_exists(pk)")
        for number, rows in enumerate(parts):
            yield self.table.put_write(_rows_item(pk, number, after.revision, rows))
        for number in range(len(parts), -(-len(before.rows) // ROWS_PER_PART)):
            yield self.table.delete_write(pk, _part(number))

    def latest(self, project_id: str) -> tuple[str | None, str | None]:
        """Returns the job id of the export that is being made, and that of the latest one."""
        row = self.table.get(storyboard_pk(project_id), ACTIVE) or {}
        return row.get("active_job_id"), row.get("job_id")

    def ahead(self, project_id: str) -> Ahead | None:
        """Returns the last execution that makes the project's pieces, None without any."""
        row = self.table.get(storyboard_pk(project_id), AHEAD)
        return None if row is None else Ahead.model_validate(row)

    def begin_ahead(
        self, project_id: str, ahead: Ahead, before: Ahead | None, writes: Iterable[Write]
    ) -> None:
        """Replaces `before`, the execution that makes the project's pieces, with `writes`. Raises
        Conflict `edit_conflict` if another was faster or the project is gone.
        """
        taken = self.table.put_write(
            _ahead(project_id, ahead),
            "attribute_not_exists(pk) OR id = :before",
            values={":before": before.id if before else ""},
        )
        try:
            transact([taken, presence_write(project_id), *writes])
        except ConditionFailed as error:
            raise Conflict("Another was faster", code="edit_conflict") from error

    def begin_writes(
        self, project_id: str, export: Item, ahead: Ahead, *, dead: str | None
    ) -> list[Write]:
        """Returns the writes that give the project to an export, which from then on also makes its
        pieces. They fail if another export than `dead` has it.
        """
        job_id = ahead.id
        pk = storyboard_pk(project_id)
        taken = self.table.set_write(
            pk,
            ACTIVE,
            {"active_job_id": job_id, "job_id": job_id},
            condition="attribute_not_exists(active_job_id) OR active_job_id = :dead",
            values={":dead": dead or ""},
        )
        row = {"pk": pk, "sk": _export(job_id), "job_id": job_id, "created_at": now_iso()}
        made = self.table.put_write(_ahead(project_id, ahead))
        return [taken, made, self.table.put_write(row | export)]

    def end_writes(self, project_id: str, job_id: str, changes: dict[str, Any]) -> list[Write]:
        """Returns the writes that end the project's export with `changes`. They fail unless it is
        the project's latest.
        """
        pk = storyboard_pk(project_id)
        freed = self.table.set_write(
            pk,
            ACTIVE,
            {"active_job_id": None},
            condition="job_id = :job",
            values={":job": job_id},
        )
        ended = self.table.set_write(
            pk,
            _export(job_id),
            {**changes, "finished_at": now_iso()},
            condition="attribute_exists(pk)",
        )
        return [freed, ended]


def _part(number: int) -> str:
    return f"{ROWS}{number:02d}"


def _ahead(project_id: str, ahead: Ahead) -> Item:
    return {"pk": storyboard_pk(project_id), "sk": AHEAD, **ahead.model_dump(mode="json")}


def _export(job_id: str) -> str:
    return f"{OWN}export#{job_id}"


def _rows_item(pk: str, number: int, revision: int, rows: Sequence[CutRow]) -> Item:
    written = [row.model_dump(mode="json", exclude_none=True) for row in rows]
    return {"pk": pk, "sk": _part(number), "revision": revision, "rows": written}
