"""Users with wallets, used messages and sessions, in the Identity table.

    user#{user}        wallet     address, workspace_id, created_at
    sign-in#{key}      used       session_id, expires_at     (a nonce, or a text without one)
    session#{session}  session    user_id, token_hash, created_at, expires_at, ends_at, ended

A user is created in one transaction with a workspace and its first credits, on the condition that
there is no such user yet.
"""

import functools
from collections.abc import Sequence

from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed
from showreel.core.settings import IdentityTable, settings

WALLET = "wallet"
USED = "used"
SESSION = "session"
ABSENT = "attribute_not_exists(pk)"
OPEN = "attribute_not_exists(ended)"


class WalletStore:
    """Rows of users with wallets and of their sessions."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def first_workspace_id(self, user_id: str) -> str | None:
        """Returns the workspace that was created with the user; None if there is no such user."""
        return (self._table.get(_user(user_id), WALLET) or {}).get("workspace_id")

    def sign_in(self, used: Item, session: Item, newcomer: Sequence[Write] = ()) -> None:
        """Writes the used message and the session that it began, with a new user's rows.

        Raises ConditionFailed, whose first reason is the message's, unless this same write was
        done before and only its reply lost.
        """
        writes = [self._table.put_write(row, ABSENT) for row in (used, session)]
        try:
            transact([*writes, *newcomer])
        except ConditionFailed:
            kept = self._table.get(used["pk"], USED)
            if kept is None or kept["session_id"] != used["session_id"]:
                raise

    def user_write(self, user_id: str, address: str, workspace_id: str) -> Write:
        """Returns the user's row as a part of a transaction, which fails if there is one."""
        row = {"address": address, "workspace_id": workspace_id, "created_at": now_iso()}
        return self._table.put_write({"pk": _user(user_id), "sk": WALLET} | row, ABSENT)

    def session(self, session_id: str) -> Item | None:
        """Returns a session's row, ended or not, until it is forgotten."""
        return self._table.get(_session(session_id), SESSION)

    def rotate(self, session_id: str, old_hash: str, new_hash: str, expires_at: int) -> None:
        """Replaces the session's token. Raises ConditionFailed unless `old_hash` is of the present
        one and the session is open.
        """
        changes = {"token_hash": new_hash, "expires_at": expires_at}
        rotation = self._table.set_write(
            _session(session_id),
            SESSION,
            changes,
            condition=f"token_hash = :old AND {OPEN}",
            values={":old": old_hash},
        )
        try:
            self._table.apply(rotation)
        except ConditionFailed:
            kept = self.session(session_id)  # a write repeated after a lost reply fails too
            if kept is None or kept["token_hash"] != new_hash:
                raise

    def end(self, session_id: str, reason: str) -> None:
        """Ends a session. Raises ConditionFailed if it is over or forgotten."""
        ending = self._table.set_write(
            _session(session_id),
            SESSION,
            {"ended": reason},
            condition=f"attribute_exists(pk) AND {OPEN}",
        )
        self._table.apply(ending)


@functools.cache
def wallets() -> WalletStore:
    """Returns the wallets' rows of this process."""
    return WalletStore(Table(settings(IdentityTable).identity_table))


def used_row(key: str, session_id: str, expires_at: int) -> Item:
    """Returns the row of a used message, with the session that it began."""
    keys = {"pk": f"sign-in#{key}", "sk": USED}
    return keys | {"session_id": session_id, "expires_at": expires_at}


def session_row(session_id: str, user_id: str, token_hash: str, lasts: tuple[int, int]) -> Item:
    """Returns a new session's row. `lasts` has its lifetimes in seconds: unused, and in all."""
    now = now_seconds()
    return {
        "pk": _session(session_id),
        "sk": SESSION,
        "user_id": user_id,
        "token_hash": token_hash,
        "created_at": now_iso(),
        "expires_at": now + lasts[0],
        "ends_at": now + lasts[1],
    }


def _user(user_id: str) -> str:
    return f"user#{user_id}"


def _session(session_id: str) -> str:
    return f"session#{session_id}"
