"""Finds the objects that storyboards name, for the clean-up."""

from collections.abc import Collection, Container, Mapping

from showreel.assets.pictures import keys_in
from showreel.core.dynamo import Table
from showreel.storyboards.rows import PROJECT, SHOT


def named_by_storyboards(table: Table, owners: Collection[str]) -> Mapping[str, Container[str]]:
    """Returns the object keys that each project's rows name, by its partition, including those of
    other products; projects that are gone or being deleted are left out.
    """
    return _named(table, owners, PROJECT)


def named_by_shots(table: Table, owners: Collection[str]) -> Mapping[str, Container[str]]:
    """Returns the object keys of each shot's versions in the same way."""
    return _named(table, owners, SHOT)


def _named(table: Table, owners: Collection[str], main: str) -> Mapping[str, Container[str]]:
    """Returns the object keys that partitions name, of those whose `main` row exists."""
    named: dict[str, Container[str]] = {}
    for owner in owners:
        keys: set[str] = set()
        is_there = False
        for row in table.query_all("pk = :pk", values={":pk": owner}):
            is_there |= row["sk"] == main and not row.get("retired")
            keys.update(keys_in(row))
        if is_there:
            named[owner] = frozenset(keys)
    return named
