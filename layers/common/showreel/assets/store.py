"""Ownership of objects: one row per file in the Studio table (`asset#{file}`, `asset`).

A row also says which rows name the object: `owner` is the partition of the rows that do (`film#…`,
`job#…`, `music_track#…`), `workspace#…` for a result that is kept, or `nobody`; `made_by` is the
job whose result it is. The clean-up (`assets.cleanup`) reads both.
"""

from collections.abc import Iterable

from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Table

SORT_KEY = "asset"
NOBODY = "nobody"
"""The owner of an upload, which is never named itself: every use makes a copy."""
UPLOAD_SECONDS = 8 * 86_400
"""How long the row of an upload stays that is never sent; the clean-up removes sent ones."""


class AssetStore:
    """Reads and writes ownership rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(
        self,
        workspace_id: str,
        key: str,
        content_type: str,
        size_bytes: int,
        *,
        owner: str,
        made_by: str | None = None,
    ) -> None:
        """Writes that `key` belongs to the workspace, and whose rows name it."""
        row: Item = {
            "pk": _partition(key),
            "sk": SORT_KEY,
            "workspace_id": workspace_id,
            "key": key,
            "content_type": content_type,
            "size_bytes": size_bytes,
            "created_at": now_iso(),
            "owner": owner,
        }
        row |= {"made_by": made_by} if made_by else {}
        row |= {"expires_at": now_seconds() + UPLOAD_SECONDS} if owner == NOBODY else {}
        self._table.put(row)

    def find(self, keys: Iterable[str]) -> dict[str, Item]:
        """Returns the rows of those of the keys that have one, by key."""
        rows = self._table.get_many((_partition(key), SORT_KEY) for key in keys)
        return {row["key"]: row for row in rows}

    def owned(self, workspace_id: str, key: str) -> Item | None:
        """Returns the row of `key`, None if it is missing or foreign."""
        row = self._table.get(_partition(key), SORT_KEY)
        matches = row and row["workspace_id"] == workspace_id and row["key"] == key
        return row if matches else None

    def forget(self, key: str) -> None:
        """Removes the row; a missing one is ignored."""
        self._table.delete(_partition(key), SORT_KEY)


def _partition(key: str) -> str:
    return f"asset#{key.rpartition('/')[2]}"
