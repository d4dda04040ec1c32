"""Who owns which object: one row per file in the Studio table (`asset#{file}`, `asset`)."""

from showreel.core.clock import now_iso
from showreel.core.dynamo import Item, Table

SORT_KEY = "asset"


class AssetStore:
    """The ownership rows of files that came from users."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, workspace_id: str, key: str, content_type: str, size_bytes: int) -> None:
        """Notes that `key` belongs to the workspace."""
        self._table.put(
            {
                "pk": _partition(key),
                "sk": SORT_KEY,
                "list_key": f"{workspace_id}#asset",
                "workspace_id": workspace_id,
                "key": key,
                "content_type": content_type,
                "size_bytes": size_bytes,
                "created_at": now_iso(),
            }
        )

    def owned(self, workspace_id: str, key: str) -> Item | None:
        """Reads the row of `key`, or None: missing and foreign look the same."""
        row = self._table.get(_partition(key), SORT_KEY)
        matches = row and row["workspace_id"] == workspace_id and row["key"] == key
        return row if matches else None

    def forget(self, key: str) -> None:
        """Removes the row; a missing one is fine."""
        self._table.delete(_partition(key), SORT_KEY)


def _partition(key: str) -> str:
    return f"asset#{key.rpartition('/')[2]}"
