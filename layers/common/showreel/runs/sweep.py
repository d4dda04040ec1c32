"""One round of the sweep over everything that may be stuck; each item is handled by itself.

What fails is logged, counted and skipped: the next round finds it again. A round that runs out of
time stores its position, where the next one begins:

    pk = sweep  sk = <what is swept>    the partition, and the key of the last handled row
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item, Table
from showreel.core.errors import LedgerError
from showreel.core.observability import count, logger

RESERVE_SECONDS = 10.0
"""Time that is kept for the end of a round, and for an item that takes long."""
PARTITION = "sweep"
KEYS = ("pk", "sk", "due_shard")
"""The key attributes of an index `due`, besides the time that it is sorted by."""
DuePage = tuple[Sequence[Item], Item | None]
"""Rows, and where the next page starts."""


def guarded[T](those: Iterable[T], work: Callable[[T], object], name: Callable[[T], str]) -> int:
    """Calls `work` for each item, also after errors; returns how many failed. Errors of reading the
    items end the loop, but aren't raised either. A LedgerError is counted for an alarm.
    """
    failed = 0
    try:
        for one in those:
            try:
                work(one)
            except Exception as error:  # noqa: BLE001 - also bugs, such as a bad row's
                failed += 1
                _report(name(one), error)
    except Exception as error:  # noqa: BLE001 - also a call that is denied
        failed += 1
        _report("list", error)
    if failed:
        count("SweepSkipped", failed)
    return failed


def in_turn(**parts: Callable[[], None]) -> None:
    """Calls the parts of a round, each guarded. Every minute another one is first, so that a part
    that takes all the time doesn't starve the others.
    """
    order = deque(parts.items())
    order.rotate(-(now_seconds() // 60))
    guarded(order, lambda part: part[1](), itemgetter(0))


def _report(subject: str, error: Exception) -> None:
    code = getattr(error, "code", type(error).__name__)
    logger().exception("not reconciled", subject=subject, code=code)
    if isinstance(error, LedgerError):
        count("LedgerError", step="sweep")


@dataclass(frozen=True)
class Round:
    """One round of the sweep, and its remaining time."""

    table: Table
    seconds_left: Callable[[], float]

    @property
    def has_time(self) -> bool:
        """Whether there is time for another item."""
        return self.seconds_left() > RESERVE_SECONDS

    def rows(
        self,
        what: str,
        partitions: Sequence[str],
        read: Callable[[str, Item | None], DuePage],
        by: str = "due_at",
    ) -> Iterator[Item]:
        """Yields the rows of the index `due`, sorted by `by`, of all partitions, from where the
        last round stopped, while there is time. A partition that can't be read is skipped.
        """
        saved = self._saved(what)
        begun = str(saved.get("partition"))
        first = partitions.index(begun) if begun in partitions else 0
        for partition in (*partitions[first:], *partitions[:first]):
            last = saved.get("start") if partition == begun else None
            for row in _rows(partition, last, read):
                if not self.has_time:
                    self._keep(what, partition, last)
                    return
                yield row
                last = {name: row[name] for name in (*KEYS, by)}
        if saved.get("partition"):
            self._keep(what, None, None)

    def _saved(self, what: str) -> Item:
        try:
            return self.table.get(PARTITION, what) or {}
        except Exception as error:  # noqa: BLE001 - the round begins at the first
            _report(what, error)
            return {}

    def _keep(self, what: str, partition: str | None, start: Item | None) -> None:
        place = {"pk": PARTITION, "sk": what, "partition": partition, "start": start}
        guarded([place], self.table.put, lambda _: what)


def _rows(
    partition: str, start: Item | None, read: Callable[[str, Item | None], DuePage]
) -> Iterator[Item]:
    while True:
        try:
            rows, start = read(partition, start)
        except Exception as error:  # noqa: BLE001 - also a call that is denied
            _report(partition, error)
            count("SweepSkipped")
            return
        yield from rows
        if start is None:
            return
