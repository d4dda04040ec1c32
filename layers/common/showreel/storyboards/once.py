"""A request with an `Idempotency-Key` makes one row, however often it is sent.

The key decides the row's id, and the row says which request it is of. So nothing else has to be
kept: the same request again finds the row, as it is by then.
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
        """What tells the request from another one."""


@dataclass(frozen=True)
class NewRow:
    """The id of a row to make; `digest` is None without a key."""

    id: str
    digest: str | None

    def made_before[T: KeyedRow](self, find: Callable[[str], T]) -> T | None:
        """Returns the row if the same request has made it. Raises IdempotencyMismatch."""
        if self.digest is None:
            return None
        try:
            row = find(self.id)
        except NotFound:
            return None
        if row.request_digest != self.digest:
            raise IdempotencyMismatch("This Idempotency-Key was used with another body")
        return row


def new_row(request: BaseModel, kind: str, parent_id: str, key: str | None) -> NewRow:
    """Returns the id that the request's row gets below its parent."""
    if key is None:
        return NewRow(new_id(), None)
    return NewRow(derived_id(kind, parent_id, key), digest_of(request.model_dump(mode="json")))
