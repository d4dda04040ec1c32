"""Idempotency keys of runs: a key is claimed in the transaction that makes its run.

    pk = claim#<digest of scope and key>   sk = claim   the run, and the digest of the request

So a request that is sent again after its process died finds the run that it made, even if that has
ended since.
"""

from dataclasses import dataclass

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, IdempotencyMismatch
from showreel.core.ids import digest_of

KEEP_SECONDS = 24 * 3600
"""How long a key is kept."""
CLAIM = "claim"


@dataclass(frozen=True)
class Key:
    """An `Idempotency-Key` with its workspace and route, and the digest of its request."""

    scope: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class Claim:
    """The run of a key. `is_new` is whether the key's request made the run."""

    run_id: str
    is_new: bool


class Claims:
    """The claims' rows in the runs table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, key: Key) -> Claim | None:
        """Returns the key's claim, or None. Raises IdempotencyMismatch for another request."""
        row = self._table.get(_pk(key), CLAIM)
        if row is None or row["expires_at"] < now_seconds():
            return None
        if row["digest"] != key.digest:
            raise IdempotencyMismatch("This Idempotency-Key was used with another body")
        return Claim(row["run_id"], row["is_new"])

    def write(self, key: Key, claim: Claim) -> Write:
        """Returns the claim as a part of a transaction, which fails if the key is claimed."""
        now = now_seconds()
        row = {"pk": _pk(key), "sk": CLAIM, "expires_at": now + KEEP_SECONDS, "digest": key.digest}
        free = "attribute_not_exists(pk) OR expires_at < :now"
        named = row | {"run_id": claim.run_id, "is_new": claim.is_new}
        return self._table.put_write(named, free, values={":now": now})

    def claim(self, key: Key, claim: Claim) -> bool:
        """Claims the key for an existing run; returns False if it is claimed already."""
        try:
            transact([self.write(key, claim)])
        except ConditionFailed:
            return False
        return True


def _pk(key: Key) -> str:
    return f"claim#{digest_of(key.scope)}"
