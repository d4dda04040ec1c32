"""Finds the objects that films name, for the clean-up."""

from collections.abc import Collection, Container, Mapping

from showreel.assets.pictures import keys_in
from showreel.core.dynamo import Table


def named_by_films(table: Table, owners: Collection[str]) -> Mapping[str, Container[str]]:
    """Returns the object keys that the rows of each film name, by the film's partition; films that
    are gone or being deleted are left out.
    """
    named: dict[str, Container[str]] = {}
    for owner in owners:
        rows = list(table.query_all("pk = :pk", values={":pk": owner}))
        if rows and not any(row.get("retired") for row in rows):
            named[owner] = frozenset(key for row in rows for key in keys_in(row))
    return named
