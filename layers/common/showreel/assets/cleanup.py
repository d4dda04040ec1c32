"""Removes objects that no row names, a page at a time: the clean-up.

    list a page → leave out young objects → read the asset rows → read their owners' rows
    → read both again for objects that seem unused → delete objects, then their rows

An object's asset row says which partition's rows name it (`assets.store`), so no table is read as a
whole. No row begins to name an old object: whoever uses a file makes a copy, and a result is named
by its job from the start. `work/` is left out: the bucket itself expires it.
"""

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from showreel.assets.keys import BUCKETS
from showreel.assets.storage import ListedObject, Storage
from showreel.assets.store import NOBODY, AssetStore
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Table
from showreel.core.errors import AppError, ConditionFailed
from showreel.core.observability import logger

SAFE_AGE = timedelta(days=7)
"""Younger objects are never removed. It is longer than any request, job or film takes."""
SHIPPED = "audio/builtin-"
"""The prefix of built-in music tracks, which are named by their contents."""
MOST_KNOWN = 20_000
SAMPLES = 100
NAMELESS = frozenset({NOBODY, "workspace"})
"""Owners without rows of their own."""
PLACE = ("cleanup", "place")
"""The row with the position of a pass."""

OwnersRows = Callable[[Collection[str]], Mapping[str, Container[str]]]
"""Returns, for each of these owners that has rows, the object keys that they name."""


class Everything:
    """What an owner with unreadable rows names: everything, so that nothing is deleted."""

    def __contains__(self, _key: object) -> bool:
        return True


@dataclass
class Report:
    """The result of an invocation. `next` is the key after which the next one starts."""

    dry_run: bool
    looked_at: int = 0
    unused: dict[str, int] = field(default_factory=dict)
    """The number of unused objects by logical bucket."""
    unused_bytes: int = 0
    unknown: int = 0
    """The number of objects kept because their rows don't say who names them."""
    failed_pages: int = 0
    samples: list[str] = field(default_factory=list)
    next: str | None = None

    def add(self, doomed: Sequence[ListedObject]) -> None:
        """Adds unused objects."""
        for one in doomed:
            bucket = one.key.partition("/")[0]
            self.unused[bucket] = self.unused.get(bucket, 0) + 1
            self.unused_bytes += one.size_bytes
        self.samples += [one.key for one in doomed[: SAMPLES - len(self.samples)]]

    def as_dict(self) -> dict[str, Any]:
        """Returns the report as JSON values."""
        return asdict(self)


class CleanUp:
    """A pass over the bucket, or as much of it as there is time for.

    `owners` has a reader for each kind of partition, which is the part of its name before `#`.
    """

    def __init__(self, table: Table, storage: Storage, owners: Mapping[str, OwnersRows]) -> None:
        self._table, self._storage, self._owners = table, storage, owners
        self._assets = AssetStore(table)
        self._known: dict[str, Container[str]] = {}

    def run(self, has_time: Callable[[], bool], *, dry_run: bool, start_after: str = "") -> Report:
        """Deletes unused objects; a dry run only counts them, from `start_after` on. Raises
        Transient if the bucket can't be listed.
        """
        report = Report(dry_run)
        place = self._page(report, start_after if dry_run else self._place())
        while place is not None:
            if not dry_run and not self._keep(place):
                return report
            if not has_time():
                report.next = place
                return report
            place = self._page(report, place)
        if not dry_run:
            self._table.delete(*PLACE)
        return report

    def _page(self, report: Report, after: str) -> str | None:
        """Checks the next page. Returns the key after which to go on, None at the end."""
        for bucket in sorted(BUCKETS):
            prefix = f"{bucket}/"
            if after > prefix and not after.startswith(prefix):
                continue
            listed = self._storage.list_page(prefix, after)
            if listed:
                self._look_at(report, listed)
                return listed[-1].key
            after = ""
        return None

    def _look_at(self, report: Report, listed: Sequence[ListedObject]) -> None:
        """Cleans up a page. Errors are logged, so that others have their turn."""
        report.looked_at += len(listed)
        ripe = datetime.fromtimestamp(now_seconds(), UTC) - SAFE_AGE
        old = [one for one in listed if one.modified_at < ripe and not one.key.startswith(SHIPPED)]
        try:
            doomed = self._unused(self._unused(old, report, fresh=False), None, fresh=True)
            if not report.dry_run:
                self._delete([one.key for one in doomed])
        except AppError as error:
            report.failed_pages += 1
            logger().exception("a page was not cleaned up", key=listed[0].key, code=error.code)
        else:
            report.add(doomed)

    def _unused(
        self, objects: Sequence[ListedObject], report: Report | None, *, fresh: bool
    ) -> list[ListedObject]:
        """Returns the objects that no row names. If `fresh`, rows are read again."""
        if not objects:
            return []
        rows = self._assets.find(one.key for one in objects)
        unknown = {key for key, row in rows.items() if "owner" not in row}
        if report is not None:
            report.unknown += len(unknown)
        named = self._rows_of({owner for row in rows.values() for owner in _owners(row)}, fresh)
        used = {key for key, row in rows.items() if key in unknown or _is_named(key, row, named)}
        return [one for one in objects if one.key not in used]

    def _rows_of(self, owners: set[str], fresh: bool) -> Mapping[str, Container[str]]:
        """Returns the keys that owners name. Owners of unknown kinds count as naming everything."""
        known = {} if fresh else self._known
        if len(known) > MOST_KNOWN:
            known.clear()
        by_kind: dict[str, set[str]] = {}
        for owner in owners - known.keys():
            by_kind.setdefault(owner.partition("#")[0], set()).add(owner)
        for kind, those in by_kind.items():
            if kind in self._owners:
                known |= self._owners[kind](those)
            elif kind not in NAMELESS:
                known |= dict.fromkeys(those, Everything())
        return known

    def _delete(self, keys: Sequence[str]) -> None:
        if keys:
            self._storage.delete(*keys)
        for key in keys:
            self._assets.forget(key)

    def _place(self) -> str:
        row = self._table.get(*PLACE)
        return str(row["after"]) if row else ""

    def _keep(self, after: str) -> bool:
        """Stores this pass's position. Returns False if another pass is ahead of it."""
        pk, sk = PLACE
        row: Item = {"pk": pk, "sk": sk, "after": after, "at": now_iso()}
        try:
            self._table.put(
                row,
                condition="attribute_not_exists(pk) OR #after <= :after",
                names={"#after": "after"},
                values={":after": after},
            )
        except ConditionFailed:
            return False
        return True


def _owners(row: Item) -> Iterable[str]:
    """Returns the partitions whose rows decide about an object."""
    owner, made_by = row.get("owner", ""), row.get("made_by")
    return {owner} | ({f"job#{made_by}"} if made_by else set())


def _is_named(key: str, row: Item, named: Mapping[str, Container[str]]) -> bool:
    """Returns whether rows name the object; a workspace's result outlives its job's row."""
    owner, made_by = row["owner"], row.get("made_by")
    result_of = named.get(f"job#{made_by}") if made_by else None
    if owner.startswith("workspace#"):
        return result_of is None or key in result_of
    return key in named.get(owner, ()) or (result_of is not None and key in result_of)
