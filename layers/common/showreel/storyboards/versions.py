"""Reads versions of a shot's media, by page and by id, e.g. `image-3`."""

from showreel.core.dynamo import Table
from showreel.edge.paging import decode_cursor, encode_cursor, refuse_cursor
from showreel.storyboards.models import MEDIA, Medium, VersionRow
from showreel.storyboards.rows import missing, shot_pk, version_sk

PREFIX = "version#"


def versions_page(
    table: Table, shot_id: str, medium: Medium | None, limit: int, cursor: str | None
) -> tuple[list[VersionRow], str | None]:
    """Returns a page, newest first within a medium, and a cursor. Raises InvalidInput."""
    prefix, pk = f"{PREFIX}{medium}#" if medium else PREFIX, shot_pk(shot_id)
    list_key = f"{pk} {prefix}"
    after = decode_cursor(list_key, cursor, 1)
    place = named(after[0]) if after else None
    if after and (place is None or medium not in {None, place[0]}):
        refuse_cursor(cursor)
    rows, _ = table.query(
        "pk = :pk AND begins_with(sk, :prefix)",
        values={":pk": pk, ":prefix": prefix},
        limit=limit + 1,
        start={"pk": pk, "sk": version_sk(*place)} if place else None,
        backwards=True,
    )
    found = [VersionRow.from_item(row) for row in rows]
    shown = found[:limit]
    return shown, encode_cursor(list_key, [shown[-1].id]) if len(found) > limit else None


def require_version(table: Table, shot_id: str, version_id: str) -> VersionRow:
    """Returns a version of the shot. Raises NotFound."""
    place = named(version_id)
    row = table.get(shot_pk(shot_id), version_sk(*place)) if place else None
    if row is None:
        raise missing("Version")
    return VersionRow.from_item(row)


def named(version_id: str) -> tuple[Medium, int] | None:
    """Returns the medium and number in a version's id, None if it can't be one."""
    name, _, number = version_id.partition("-")
    medium = next((medium for medium in MEDIA if medium == name), None)
    is_number = number.isascii() and number.isdecimal() and len(number) <= 8
    return (medium, int(number)) if medium and is_number else None
