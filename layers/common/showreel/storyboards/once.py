"""Makes one row of a request with an `Idempotency-Key`, however often it is sent.

The row's id is derived from the key, and the row has the request's digest. So nothing else is
stored: the same request again finds the row, as it is by then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from showreel.core.errors import IdempotencyMismatch, NotFound
from showreel.core.ids import derived_id, digest_of, new_id


class KeyedRow(Protocol):
    """A row that may be of a request with a key."""

    @property
    def request_digest(self) -> str | None:
        """The digest of the request that made the row."""


@dataclass(frozen=True)
class NewRow:
    """The id of a row to make; `digest` is None without a key."""

    id: str
    digest: str | None

    def made_before[T: KeyedRow](self, find: Callable[[str], T]) -> T | None:
        """Returns the row if the same request made it before. Raises IdempotencyMismatch."""
        if self.digest is None:
            return None
        try:
            row = find(self.id)
        except NotFound:
            return None
        return self.same(row)

    def same[T: KeyedRow](self, row: T) -> T:
        """Returns the row that was found or written. Raises IdempotencyMismatch if another request
        made it, which may have been sent at the same time.
        """
        if row.request_digest != self.digest:
            raise IdempotencyMismatch("This Idempotency-Key was used with another body")
        return row


def new_row(request: BaseModel, kind: str, parent_id: str, key: str | None) -> NewRow:
    """Returns the id of the request's row, random without a key."""
    if key is None:
        return NewRow(new_id(), None)
    return NewRow(derived_id(kind, parent_id, key), digest_of(request.model_dump(mode="json")))
