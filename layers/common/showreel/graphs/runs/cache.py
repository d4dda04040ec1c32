"""The cache of nodes' outputs, per workspace, and claims of entries that are being made.

pk = graph_entry#<digest of workspace and key>   sk = entry   an output
                                                 sk = claim   who makes it now, who waits for it
pk = graph_cache#<project id>   sk = place           how often the project's entries were cleared
                                sk = days#0000#<day> how many bytes expire on a day
                                sk = made#0000#<created at>#<key>   that there is an entry

An entry belongs to the project whose run made it, and serves every graph of the workspace. Clearing
a project's entries raises a counter; entries of an earlier count are ignored. All entries of a day
(UTC) expire together, and so does the row that sums them up, so nothing has to be subtracted.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from showreel.assets.store import AssetStore
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed, Transient
from showreel.core.ids import digest_of
from showreel.core.models import FrozenModel
from showreel.core.settings import GraphLimits, RunsTable, StudioTable, settings
from showreel.edge.paging import decode_cursor, encode_cursor, refuse_cursor
from showreel.graphs.ports import Output

ENTRY, CLAIM, PLACE, DAYS, MADE = "entry", "claim", "place", "days#", "made#"
PLACE_IN_LIST = re.compile(r"[\dT:.Z-]{24}#[0-9a-f]{64}\Z")
DAY_SECONDS = 86_400
ATTEMPTS = 20


class MadeBy(FrozenModel):
    """The origin of an output."""

    project_id: str
    public_base_url: str
    kind: str
    """The node's kind."""
    credits: int
    """The credits that it cost when it was made."""
    job_id: str
    """The job that made it; a repeated write is recognised by it."""


class CacheEntry(MadeBy):
    """An output that is kept."""

    key: str
    workspace_id: str
    cleared: int
    """The project's counter of clearings when the entry was written."""
    output: Output
    bytes: int
    created_at: str
    expires_at: int


class Usage(FrozenModel):
    """The number and size of a project's entries."""

    entries: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Maker:
    """A run's node that makes a missing entry."""

    run_id: str
    node_id: str


class Cache:
    """The entries of one workspace. Times are seconds since 1970."""

    def __init__(self, table: Table, assets: AssetStore, workspace_id: str, days: int) -> None:
        self._table = table
        self._assets = assets
        self._workspace_id = workspace_id
        self._days = days

    def find(self, keys: Iterable[str]) -> dict[str, Output]:
        """Returns the outputs that the cache has, by key."""
        rows = self._table.get_many((self._pk(key), ENTRY) for key in dict.fromkeys(keys))
        entries = [CacheEntry.model_validate_json(row["entry"]) for row in rows]
        live = [entry for entry in entries if entry.expires_at > now_seconds()]
        cleared = self._cleared(entry.project_id for entry in live)
        return {
            entry.key: entry.output
            for entry in live
            if entry.cleared == cleared.get(entry.project_id, 0)
        }

    def keep(self, key: str, output: Output, by: MadeBy) -> None:
        """Stores an output, replacing another job's. Does nothing if this job has stored it before.
        Raises Transient.
        """
        for _ in range(ATTEMPTS):
            old = self._entry(key)
            if old is not None and old.job_id == by.job_id:
                return
            entry = self._new(key, output, by)
            try:
                transact(
                    [self._put(entry, old), *self._listed(entry, old), *self._sums(entry, old)]
                )
            except ConditionFailed:
                continue
            return
        raise Transient("the cache is being changed by too many others")

    def claim(self, key: str, maker: Maker, until: int) -> bool:
        """Claims a missing entry until then. Returns False if another node has claimed it; the run
        is woken when that claim ends. Raises Transient.
        """
        for _ in range(ATTEMPTS):
            if self._take(key, maker, until):
                return True
            row = self._table.get(self._pk(key), CLAIM) or {}
            if self._wait_for(key, row, maker):
                return False
        raise Transient("the cache is being changed by too many others")

    def take_over(self, key: str, maker: Maker, dead: str, until: int) -> bool:
        """Takes the claim of a run that is over. Returns False if another was faster."""
        return self._claimed(key, maker, until, "run_id = :dead", {":dead": dead})

    def claimant(self, key: str) -> str | None:
        """Returns the run that has claimed an entry, None without a claim."""
        row = self._table.get(self._pk(key), CLAIM) or {}
        return row.get("run_id")

    def release(self, key: str, maker: Maker) -> frozenset[str]:
        """Ends the maker's claim, and returns the runs that wait for it. Raises Transient."""
        try:
            row = self._table.update(
                self._pk(key),
                CLAIM,
                "REMOVE run_id, node_id SET expires_at = :now",
                condition="run_id = :run AND node_id = :node",
                values={":now": now_seconds(), ":run": maker.run_id, ":node": maker.node_id},
            )
        except ConditionFailed:
            return frozenset()
        return frozenset(row.get("waiting", ()))

    def _take(self, key: str, maker: Maker, until: int) -> bool:
        free = (
            "attribute_not_exists(run_id) OR expires_at < :at"
            " OR (run_id = :run AND node_id = :node)"
        )
        return self._claimed(key, maker, until, free, {":at": now_seconds()})

    def _claimed(
        self, key: str, maker: Maker, until: int, condition: str, values: Mapping[str, Any]
    ) -> bool:
        own = {":run": maker.run_id, ":node": maker.node_id}
        update = "SET run_id = :run, node_id = :node, expires_at = :until"
        try:
            self._table.update(
                self._pk(key),
                CLAIM,
                update,
                condition=condition,
                values=own | {":until": until} | dict(values),
            )
        except ConditionFailed:
            return False
        return True

    def _wait_for(self, key: str, row: Item, maker: Maker) -> bool:
        """Adds the run to those woken when that claim ends. Returns False if it has ended."""
        try:
            self._table.update(
                self._pk(key),
                CLAIM,
                "ADD waiting :me",
                condition="run_id = :run AND node_id = :node",
                values={
                    ":me": {maker.run_id},
                    ":run": row.get("run_id", ""),
                    ":node": row.get("node_id", ""),
                },
            )
        except ConditionFailed:
            return False
        return True

    def _entry(self, key: str) -> CacheEntry | None:
        row = self._table.get(self._pk(key), ENTRY)
        return CacheEntry.model_validate_json(row["entry"]) if row else None

    def _new(self, key: str, output: Output, by: MadeBy) -> CacheEntry:
        end_of_day = (now_seconds() // DAY_SECONDS + 1 + self._days) * DAY_SECONDS
        return CacheEntry(
            key=key,
            workspace_id=self._workspace_id,
            cleared=self._cleared([by.project_id]).get(by.project_id, 0),
            output=output,
            bytes=self._bytes(output),
            **by.model_dump(),
            created_at=now_iso(),
            expires_at=end_of_day,
        )

    def _bytes(self, output: Output) -> int:
        """Returns the size of an output in bytes: its files and texts."""
        files = self._assets.find(one.key for one in output.artifacts if one.key)
        texts = (len((one.text or "").encode()) for one in output.artifacts)
        return sum(int(row["size_bytes"]) for row in files.values()) + sum(texts)

    def _put(self, entry: CacheEntry, old: CacheEntry | None) -> Write:
        row = {
            "pk": self._pk(entry.key),
            "sk": ENTRY,
            "entry": entry.model_dump_json(),
            "job_id": entry.job_id,
            "expires_at": entry.expires_at,
        }
        if old is None:
            return self._table.put_write(row, "attribute_not_exists(pk)")
        return self._table.put_write(row, "job_id = :old", values={":old": old.job_id})

    def _listed(self, entry: CacheEntry, old: CacheEntry | None) -> list[Write]:
        """Returns the writes that list the entry in its project, in place of the old one."""
        place = {"pk": project_pk(entry.project_id), "sk": _made(entry)}
        row = place | {"entry_pk": self._pk(entry.key), "expires_at": entry.expires_at}
        writes = [self._table.put_write(row)]
        if old is not None:
            writes.append(self._table.delete_write(project_pk(old.project_id), _made(old)))
        return writes

    def _sums(self, entry: CacheEntry, old: CacheEntry | None) -> list[Write]:
        """Returns the writes that add the entry to its day's sums, and subtract the old one."""
        counts: dict[tuple[str, str], list[int]] = {_sum(entry): [1, entry.bytes]}
        if old is not None and old.expires_at > now_seconds():
            entries, size = counts.get(_sum(old), [0, 0])
            counts[_sum(old)] = [entries - 1, size - old.bytes]
        expiry = max(entry.expires_at, old.expires_at if old else 0)
        return [
            self._table.set_write(
                pk, sk, {"expires_at": expiry}, add={"entries": entries, "bytes": size}
            )
            for (pk, sk), (entries, size) in counts.items()
        ]

    def _cleared(self, project_ids: Iterable[str]) -> dict[str, int]:
        """Returns the counter of clearings of each project that has one."""
        keys = ((project_pk(one), PLACE) for one in dict.fromkeys(project_ids))
        rows = self._table.get_many(keys)
        return {row["pk"].partition("#")[2]: int(row["cleared"]) for row in rows}

    def _pk(self, key: str) -> str:
        return f"graph_entry#{digest_of([self._workspace_id, key])}"


class ProjectCache:
    """The entries that one project's runs have made."""

    def __init__(self, table: Table, project_id: str) -> None:
        self._table = table
        self._project_id = project_id

    def usage(self) -> Usage:
        """Returns the number and size of the project's entries, from the sums per day."""
        today = _day(now_seconds())
        prefix = f"{DAYS}{self._times():04d}#"
        values = {":pk": project_pk(self._project_id), ":from": f"{prefix}{today}"}
        rows = self._table.query_all(
            "pk = :pk AND sk BETWEEN :from AND :to", values=values | {":to": f"{prefix}~"}
        )
        sums = [(int(row["entries"]), int(row["bytes"])) for row in rows]
        return Usage(entries=sum(one for one, _ in sums), bytes=sum(size for _, size in sums))

    def page(self, limit: int, cursor: str | None) -> tuple[list[CacheEntry], str | None]:
        """Returns a page of entries, newest first, and the next page's cursor. Raises InvalidInput
        `invalid_cursor`.
        """
        prefix = f"{MADE}{self._times():04d}#"
        list_key = f"{self._project_id} {prefix}"
        place = decode_cursor(list_key, cursor, 1)
        if place and not PLACE_IN_LIST.match(place[0]):
            refuse_cursor(cursor)
        rows, rest = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            values={
                ":pk": project_pk(self._project_id),
                ":from": prefix,
                ":to": f"{prefix}{place[0]}" if place else f"{prefix}~",
            },
            limit=limit + 2,
            backwards=True,
        )
        every = [row for row in rows if not place or row["sk"] != f"{prefix}{place[0]}"]
        page = every[:limit]
        is_more = bool(page) and (len(every) > limit or rest is not None)
        last = page[-1]["sk"].removeprefix(prefix) if page else ""
        found = self._table.get_many((row["entry_pk"], ENTRY) for row in page)
        entries = sorted(
            (CacheEntry.model_validate_json(row["entry"]) for row in found), key=_made, reverse=True
        )
        live = [entry for entry in entries if entry.expires_at > now_seconds()]
        return live, encode_cursor(list_key, [last]) if is_more else None

    def clear(self) -> Usage:
        """Clears the project's entries, and returns what they took. Their files stay."""
        taken = self.usage()
        self._table.update(
            project_pk(self._project_id), PLACE, "ADD cleared :one", values={":one": 1}
        )
        return taken

    def _times(self) -> int:
        row = self._table.get(project_pk(self._project_id), PLACE) or {}
        return int(row.get("cleared", 0))


def project_pk(project_id: str) -> str:
    """Returns the partition of a project's lists and sums."""
    return f"graph_cache#{project_id}"


def _sum(entry: CacheEntry) -> tuple[str, str]:
    """Returns the key of the row that sums up the entries of the same project and day."""
    return project_pk(entry.project_id), f"{DAYS}{entry.cleared:04d}#{_day(entry.expires_at - 1)}"


def _made(entry: CacheEntry) -> str:
    """Returns the entry's sort key in its project's list, which is ordered by time."""
    return f"{MADE}{entry.cleared:04d}#{entry.created_at}#{entry.key}"


def _day(seconds: int) -> str:
    return f"{seconds // DAY_SECONDS:06d}"


@functools.cache
def cache_of(workspace_id: str) -> Cache:
    """Returns the cache of a workspace, in this process's tables."""
    table = Table(settings(RunsTable).runs_table)
    assets = AssetStore(Table(settings(StudioTable).studio_table))
    return Cache(table, assets, workspace_id, settings(GraphLimits).graph_cache_days)


def project_cache(project_id: str) -> ProjectCache:
    """Returns the entries that a project has made, in this process's tables."""
    return ProjectCache(Table(settings(RunsTable).runs_table), project_id)
