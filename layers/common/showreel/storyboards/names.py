"""Which objects storyboards name."""

from collections.abc import Collection, Container, Mapping

from showreel.assets.pictures import keys_in
from showreel.core.dynamo import Table
from showreel.storyboards.rows import PROJECT, SHOT


def named_by_storyboards(table: Table, owners: Collection[str]) -> Mapping[str, Container[str]]:
    """Returns the reference image of each project, by its partition; one that is gone, or is being
    deleted, is left out.
    """
    rows = table.get_many((owner, PROJECT) for owner in owners)
    return {row["pk"]: frozenset(keys_in(row)) for row in rows if not row.get("retired")}


def named_by_shots(table: Table, owners: Collection[str]) -> Mapping[str, Container[str]]:
    """Returns what was made for each shot, older versions too, in the same way."""
    named: dict[str, Container[str]] = {}
    for owner in owners:
        keys: set[str] = set()
        is_there = False
        for row in table.query_all("pk = :pk", values={":pk": owner}):
            is_there |= row["sk"] == SHOT and not row.get("retired")
            keys.update(keys_in(row))
        if is_there:
            named[owner] = frozenset(keys)
    return named
