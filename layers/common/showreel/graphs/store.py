"""The graph of a project, in the project's partition of the Studio table.

pk storyboard#<project id>   sk graph#0   revision, how many rows, the first part
                             sk graph#1   another part of a graph that doesn't fit in one

A row takes 400 KB, a graph of 500 nodes up to 1 MB of JSON. So the JSON is compressed, mostly to
one row, and cut into rows that are written in one transaction on condition of the revision. Rows of
different revisions are never combined.
"""

import base64
import zlib
from dataclasses import dataclass
from itertools import batched

from showreel.core.backoff import jittered
from showreel.core.clock import now_iso
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed, Conflict, NotFound, Transient
from showreel.core.ids import digest_of
from showreel.graphs.models import Graph
from showreel.projects import presence_write, storyboard_pk

FIRST, LAST = "graph#0", "graph#9"
PART_CHARS = 300_000
READS = 5


@dataclass(frozen=True)
class StoredGraph:
    """A graph with its revision, 0 for one that was never stored."""

    revision: int
    graph: Graph
    updated_at: str | None = None


class GraphStore:
    """Reads and writes the graphs of all projects. The ids that it gets must be bounded."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, project_id: str) -> StoredGraph:
        """Returns the graph, an empty one of revision 0 if there is none. Raises Transient."""
        rows = self._rows(project_id)
        if not rows:
            return StoredGraph(0, Graph())
        text = unpacked([row["part"] for row in rows])
        return StoredGraph(
            rows[0]["revision"], Graph.model_validate_json(text), rows[0]["updated_at"]
        )

    def write(self, project_id: str, graph: Graph, revision: int) -> StoredGraph:
        """Replaces the graph of this revision. Repeating a write whose answer was lost is no
        conflict. Raises Conflict `stale_revision`, NotFound.
        """
        text = graph.model_dump_json(exclude_none=True)
        new = {"revision": revision + 1, "updated_at": now_iso(), "digest": digest_of(text)}
        before = self._head(project_id)
        if _is_same(before, new):
            return StoredGraph(revision + 1, graph, before.get("updated_at"))
        if before.get("revision", 0) != revision:
            raise _stale(before)
        try:
            transact(self._writes(project_id, packed(text), new, before))
        except ConditionFailed as error:
            now = self._head(project_id)
            if _is_same(now, new):
                return StoredGraph(revision + 1, graph, now.get("updated_at"))
            if now.get("revision", 0) == revision:
                raise NotFound("Project not found") from error
            raise _stale(now) from error
        return StoredGraph(revision + 1, graph, str(new["updated_at"]))

    def _writes(self, project_id: str, parts: list[str], new: Item, before: Item) -> list[Write]:
        pk, revision = storyboard_pk(project_id), int(new["revision"])
        head = {**new, "pk": pk, "sk": FIRST, "rows": len(parts), "part": parts[0]}
        only = (
            self._table.put_write(head, "revision = :before", values={":before": revision - 1})
            if before
            else self._table.put_write(head, "attribute_not_exists(pk)")
        )
        more = [
            self._table.put_write({"pk": pk, "sk": _sk(place), "revision": revision, "part": part})
            for place, part in enumerate(parts)
            if place
        ]
        left = range(len(parts), before.get("rows", 0))
        gone = [self._table.delete_write(pk, _sk(place)) for place in left]
        return [only, *more, *gone, presence_write(project_id)]

    def _head(self, project_id: str) -> Item:
        return self._table.get(storyboard_pk(project_id), FIRST) or {}

    def _rows(self, project_id: str) -> list[Item]:
        """Returns the rows of one revision. Raises Transient if writes keep interfering."""
        values = {":pk": storyboard_pk(project_id), ":first": FIRST, ":last": LAST}
        for _ in zip(range(READS), jittered(0.02, longest=0.5), strict=False):
            rows = list(
                self._table.query_all("pk = :pk AND sk BETWEEN :first AND :last", values=values)
            )
            whole = {(row["revision"], len(rows)) for row in rows}
            if not rows or whole == {(rows[0]["revision"], rows[0].get("rows"))}:
                return rows
        raise Transient("the graph is being changed by too many others")


def packed(text: str) -> list[str]:
    """Returns a text, compressed, in parts that each fit into a row."""
    data = base64.b64encode(zlib.compress(text.encode(), level=6)).decode()
    return ["".join(part) for part in batched(data, PART_CHARS, strict=False)]


def unpacked(parts: list[str]) -> str:
    """Returns the text that `packed` compressed."""
    return zlib.decompress(base64.b64decode("".join(parts))).decode()


def _sk(place: int) -> str:
    return f"graph#{place}"


def _is_same(row: Item, new: Item) -> bool:
    return bool(row) and all(row[name] == new[name] for name in ("revision", "digest"))


def _stale(row: Item) -> Conflict:
    revision = row.get("revision", 0)
    message = f"The graph has been changed meanwhile: its revision is {revision}"
    return Conflict(message, code="stale_revision", details={"revision": revision})
