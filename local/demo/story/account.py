"""What a story cost, by what: the entries of the workspace's ledger since it began."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.demo.studio_client import StudioClient

PAGE = 100
POLL_SECONDS = 0.5
SETTLE_SECONDS = 90.0
UNNAMED = "other"
"""What is paid for work that was stopped before the API had named it."""


@dataclass
class Account:
    """Knows which job or run was what; everything else is the ledger's."""

    client: StudioClient
    before: int = 0
    newest: str | None = None
    names: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Takes down the balance and the newest entry."""
        self.before = self.balance()
        entries = self._page(1, None)["items"]
        self.newest = entries[0]["id"] if entries else None

    def note(self, what: str, *ids: str | None) -> None:
        """Says what jobs or runs are for."""
        self.names |= {one: what for one in ids if one}

    def balance(self) -> int:
        """Returns the workspace's credits, those that are held included."""
        return int(self.client.credits()["balance"])

    def paid(self) -> dict[str, int]:
        """Returns credits by what they were paid for, in the order in which it was noted."""
        paid: Counter[str] = Counter()
        for entry in self._entries():
            if entry["kind"] == "capture":
                paid[self._what(entry)] -= int(entry["amount"])
        order = [*dict.fromkeys(self.names.values()), UNNAMED]
        return {what: paid[what] for what in order if what in paid}

    def settle(self, sleep: Callable[[float], None] = time.sleep) -> int:
        """Waits until nothing is held; returns what still is after a minute and a half."""
        until = time.monotonic() + SETTLE_SECONDS
        while (held := int(self.client.credits()["held"])) and time.monotonic() < until:
            sleep(POLL_SECONDS)
        return held

    def _what(self, entry: dict[str, Any]) -> str:
        known = (self.names.get(entry.get(name) or "") for name in ("jobId", "runId"))
        return next((what for what in known if what), UNNAMED)

    def _entries(self) -> list[dict[str, Any]]:
        """Returns the entries since the beginning, newest first."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self._page(PAGE, cursor)
            for entry in page["items"]:
                if entry["id"] == self.newest:
                    return found
                found.append(entry)
            cursor = page.get("nextCursor")
            if cursor is None:
                return found

    def _page(self, limit: int, cursor: str | None) -> dict[str, Any]:
        path = f"/api/credits/ledger?workspaceId={self.client.workspace_id}&limit={limit}"
        return self.client.call("GET", path + (f"&cursor={cursor}" if cursor else ""))
