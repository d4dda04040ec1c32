"""The ledger: whole credits in DynamoDB, spent in two phases, conserved by construction.

Rows of a workspace (`pk` = workspace id):

    account          balance, available          available = balance − Σ open holds' remaining
    hold#<id>        amount, captured, remaining, status; while it is open in the index `due`
    entry#<kind>#<business id>                   immutable; balance = Σ amounts
    spend#<day>      credits                     held or spent that day (UTC), for the daily cap

The local index `listed` has the rows that are read as lists, strongly consistent:

    open#<hold>                                  a hold, while it is open
    entry#<created at>#<kind>#<business id>      every entry, by time

Every movement is one transaction whose conditions allow it at most once, and whose replay is
recognised by its entry, so a lost reply or a retry hours later posts nothing twice. The two phases,
with a specific result for every second closing, follow TigerBeetle's two-phase transfers.
"""

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Unpack

from showreel.core.backoff import jittered
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Only, Table, Write, transact
from showreel.core.errors import (
    ConditionFailed,
    HoldClosed,
    HoldNotFound,
    InsufficientCredits,
    InvalidInput,
    SpendCapReached,
    Transient,
)
from showreel.core.ids import shard_of
from showreel.core.observability import count, logger
from showreel.core.settings import CreditsTable, Spending, settings
from showreel.credits.models import Account, Entry, Hold, HoldOutcome

ACCOUNT = "account"
OPEN, ENTRY = "open#", "entry#"
STATUS = {"#status": "status"}
DEFAULT_HOLD_SECONDS = 6 * 3600
"""Longer than the longest pipeline; holds of running work are renewed."""


DUE_SHARDS = ("0", "1", "2", "3")
"""Partitions of open holds in the index `due`, sorted by expiry."""
LOOKS = 8
"""How often account and holds are read at most, until they agree."""


class LedgerSettings(CreditsTable, Spending):
    """The ledger's settings."""


class Ledger:
    """The accounts, holds and entries of all workspaces."""

    def __init__(self, table: Table, *, daily_cap_credits: int = 0) -> None:
        self._table = table
        self._daily_cap = daily_cap_credits
        """The most that a workspace holds in a day (UTC), less what came back; 0 means no cap."""

    def grant(self, workspace_id: str, amount: int, grant_id: str) -> None:
        """Adds credits once per `grant_id`. Raises InvalidInput for an amount below 1."""
        try:
            transact(self.grant_writes(workspace_id, amount, grant_id))
        except ConditionFailed:
            self._require_entry(workspace_id, f"entry#grant#{grant_id}", amount, field="grantId")

    def grant_writes(self, workspace_id: str, amount: int, grant_id: str) -> list[Write]:
        """Returns `grant` as parts of a transaction, which fails if the id was used before."""
        if amount < 1:
            raise InvalidInput(
                "A grant is at least 1 credit", code="invalid_amount", field="amount"
            )
        entry = self._entry(workspace_id, "grant", grant_id, amount)
        deposit = self._add(workspace_id, ACCOUNT, {"balance": amount, "available": amount})
        return [entry, deposit]

    def hold(
        self,
        workspace_id: str,
        hold_id: str,
        amount: int,
        *,
        expires_at_seconds: int | None = None,
        job_id: str | None = None,
        run_id: str | None = None,
        with_writes: Sequence[Write] = (),
    ) -> Hold:
        """Holds `amount`, in one transaction with the caller's own writes.

        The same `hold_id` again is a no-op if it has the same amount. Raises InsufficientCredits,
        SpendCapReached, and ConditionFailed if one of `with_writes` lost.
        """
        if amount < 1:
            raise InvalidInput("A hold is at least 1 credit", code="invalid_amount", field="amount")
        expires_at = expires_at_seconds or now_seconds() + DEFAULT_HOLD_SECONDS
        writes = self._hold_writes(workspace_id, hold_id, amount, expires_at, job_id, run_id)
        try:
            transact([*writes, *with_writes])
        except ConditionFailed as error:
            existing = self.find_hold(workspace_id, hold_id)
            if existing is not None and existing.amount == amount:
                return existing
            if error.reasons[1] == "ConditionalCheckFailed":
                available = self.account(workspace_id).available
                raise InsufficientCredits(required=amount, available=available) from error
            if self._daily_cap and error.reasons[2] == "ConditionalCheckFailed":
                raise SpendCapReached(self._daily_cap) from error
            raise
        return self._get_hold(workspace_id, hold_id)

    def _hold_writes(
        self,
        workspace_id: str,
        hold_id: str,
        amount: int,
        expires_at: int,
        job_id: str | None,
        run_id: str | None,
    ) -> list[Write]:
        row: Item = {
            "pk": workspace_id,
            "sk": f"hold#{hold_id}",
            "amount": amount,
            "captured": 0,
            "remaining": amount,
            "status": "open",
            "job_id": job_id,
            "run_id": run_id,
            "expires_at": expires_at,
            "created_at": now_iso(),
            "listed": f"{OPEN}{hold_id}",
            "spend_day": now_iso()[:10] if self._daily_cap else None,
            "due_shard": DUE_SHARDS[shard_of(hold_id, len(DUE_SHARDS))],
        }
        writes = [
            self._table.put_write(row, "attribute_not_exists(pk)"),
            self._take(workspace_id, "available", amount),
        ]
        day = row["spend_day"]
        return [*writes, self._spend_write(workspace_id, day, amount)] if day else writes

    def _spend_write(self, workspace_id: str, day: str, amount: int) -> Write:
        """Returns the write that adds to the day's sum, on the condition that the cap allows it."""
        room = self._daily_cap - amount
        return self._add(
            workspace_id,
            f"spend#{day}",
            {"credits": amount},
            condition=":room >= :zero AND (attribute_not_exists(credits) OR credits <= :room)",
            values={":room": room, ":zero": 0},
        )

    def capture(
        self,
        workspace_id: str,
        hold_id: str,
        amount: int,
        *,
        job_id: str,
        run_id: str | None = None,
        with_writes: Sequence[Write] = (),
    ) -> None:
        """Spends `amount` of the hold for `job_id`, once per job; a replay is a no-op.

        Raises HoldNotFound, HoldClosed, or ConditionFailed when Σ captures would pass the hold or
        one of `with_writes` lost.
        """
        writes = self.capture_writes(workspace_id, hold_id, amount, job_id=job_id, run_id=run_id)
        try:
            transact([*writes, *with_writes])
        except ConditionFailed as error:
            self._explain_capture(workspace_id, hold_id, job_id, amount, error)

    def capture_writes(
        self,
        workspace_id: str,
        hold_id: str,
        amount: int,
        *,
        job_id: str,
        run_id: str | None = None,
    ) -> list[Write]:
        """Returns `capture` as parts of a transaction whose conditions allow it once."""
        return [
            self._entry(workspace_id, "capture", job_id, -amount, job_id=job_id, run_id=run_id),
            self._add(
                workspace_id,
                f"hold#{hold_id}",
                {"captured": amount, "remaining": -amount},
                condition="#status = :open AND remaining >= :amount",
                names=STATUS,
                values={":amount": amount, ":open": "open"},
            ),
            self._take(workspace_id, "balance", amount),
        ]

    def _explain_capture(
        self, workspace_id: str, hold_id: str, job_id: str, amount: int, error: ConditionFailed
    ) -> None:
        if error.reasons[0] == "ConditionalCheckFailed":
            self._require_entry(workspace_id, f"entry#capture#{job_id}", -amount)
            return
        hold = self._get_hold(workspace_id, hold_id)
        if hold.status != "open":
            raise HoldClosed(hold_id, hold.status) from error
        raise error

    def close(self, workspace_id: str, hold_id: str, outcome: HoldOutcome) -> HoldOutcome:
        """Ends the hold and gives back what was not captured; returns the outcome.

        `voided` and `expired` are for holds of which nothing was captured; any other ends as
        `posted`: what was delivered stays paid. Closing again with the same intent gives the same
        result; another intent raises HoldClosed.
        """
        hold = self._get_hold(workspace_id, hold_id)
        final: HoldOutcome = "posted" if hold.captured else outcome
        if hold.status != "open":
            if outcome == hold.status or (hold.status == "posted" and hold.captured):
                return hold.status
            raise HoldClosed(hold.id, hold.status)
        try:
            transact(self._close_writes(hold, final))
        except ConditionFailed:
            return self.close(workspace_id, hold_id, outcome)
        return final

    def _close_writes(self, hold: Hold, outcome: HoldOutcome) -> list[Write]:
        closed = self._table.set_write(
            hold.workspace_id,
            f"hold#{hold.id}",
            {
                "status": outcome,
                "remaining": 0,
                "closed_at": now_iso(),
                "listed": None,
                "due_shard": None,
            },
            condition="#status = :open AND captured = :captured",
            names=STATUS,
            values={":open": "open", ":captured": hold.captured},
        )
        writes = [closed, self._add(hold.workspace_id, ACCOUNT, {"available": hold.remaining})]
        if hold.spend_day and hold.remaining:
            day, returned = f"spend#{hold.spend_day}", {"credits": -hold.remaining}
            writes.append(self._add(hold.workspace_id, day, returned))
        return writes

    def open_check(self, workspace_id: str, hold_id: str) -> Write:
        """Returns a part of the caller's transaction that fails it unless this hold is open."""
        return self._table.check_write(
            workspace_id,
            f"hold#{hold_id}",
            "#status = :open",
            names=STATUS,
            values={":open": "open"},
        )

    def renew(self, workspace_id: str, hold_id: str, expires_at_seconds: int) -> None:
        """Moves the expiry of an open hold forward, never back. Raises HoldClosed, HoldNotFound."""
        renewal = self._table.set_write(
            workspace_id,
            f"hold#{hold_id}",
            {"expires_at": expires_at_seconds},
            condition="#status = :open AND expires_at < :at",
            names=STATUS,
            values={":at": expires_at_seconds, ":open": "open"},
        )
        try:
            self._table.apply(renewal)
        except ConditionFailed as error:
            hold = self._get_hold(workspace_id, hold_id)
            if hold.status != "open":
                raise HoldClosed(hold_id, hold.status) from error

    def _add(
        self, workspace_id: str, sk: str, amounts: dict[str, int], **only: Unpack[Only]
    ) -> Write:
        return self._table.set_write(workspace_id, sk, {}, add=amounts, **only)

    def _take(self, workspace_id: str, sum_name: str, amount: int) -> Write:
        """Returns the write that subtracts credits from a sum of the account, if it has as many."""
        condition, values = f"{sum_name} >= :amount", {":amount": amount}
        return self._add(
            workspace_id, ACCOUNT, {sum_name: -amount}, condition=condition, values=values
        )

    def account(self, workspace_id: str) -> Account:
        """Returns balance, held and available; all 0 for a workspace that never had credits."""
        row = self._table.get(workspace_id, ACCOUNT) or {"balance": 0, "available": 0}
        balance, available = int(row["balance"]), int(row["available"])
        return Account(balance=balance, held=balance - available, available=available)

    def snapshot(self, workspace_id: str) -> tuple[Account, list[Hold]]:
        """Returns the account and its open holds as they were at one moment. Raises Transient."""
        for pause in islice(jittered(0.02, longest=0.5), LOOKS):
            holds, account = self.open_holds(workspace_id), self.account(workspace_id)
            if sum(hold.remaining for hold in holds) == account.held:
                return account, holds
            time.sleep(pause)
        logger().error("holds and account don't agree", workspace_id=workspace_id)
        count("LedgerError", step="snapshot")
        raise Transient("the account is being changed by too many others")

    def expired_page(self, shard: str, start: Item | None) -> tuple[list[Item], Item | None]:
        """Returns a page of a shard's expired open holds (eventually consistent), and where the
        next page starts.
        """
        values = {":shard": shard, ":now": now_seconds()}
        key = "due_shard = :shard AND expires_at < :now"
        return self._table.query(key, values=values, index="due", start=start)

    def find_hold(self, workspace_id: str, hold_id: str) -> Hold | None:
        """Returns the hold, or None."""
        row = self._table.get(workspace_id, f"hold#{hold_id}")
        return hold_of(row) if row else None

    def _get_hold(self, workspace_id: str, hold_id: str) -> Hold:
        hold = self.find_hold(workspace_id, hold_id)
        if hold is None:
            raise HoldNotFound(f"No hold {hold_id}")
        return hold

    def open_holds(self, workspace_id: str) -> list[Hold]:
        """Returns the workspace's open holds."""
        return [*map(hold_of, self._listed(workspace_id, OPEN))]

    def entries(
        self, workspace_id: str, limit: int | None = None, after: Sequence[str] | None = None
    ) -> list[Entry]:
        """Returns the entries, newest first; the sum of all is the balance.

        `after` is the time and the id of the entry before the first.
        """
        start = _entry_keys(workspace_id, *after) if after else None
        rows = self._listed(workspace_id, ENTRY, limit=limit, start=start, backwards=True)
        return [*map(_entry, islice(rows, limit))]

    def _listed(self, workspace_id: str, prefix: str, **options: Any) -> Iterable[Item]:
        return self._table.query_all(
            "pk = :pk AND begins_with(listed, :prefix)",
            values={":pk": workspace_id, ":prefix": prefix},
            index="listed",
            is_consistent=True,
            **options,
        )

    def _entry(
        self,
        workspace_id: str,
        kind: str,
        business_id: str,
        amount: int,
        *,
        job_id: str | None = None,
        run_id: str | None = None,
    ) -> Write:
        created_at = now_iso()
        row: Item = {
            **_entry_keys(workspace_id, created_at, f"{kind}#{business_id}"),
            "kind": kind,
            "amount": amount,
            "job_id": job_id,
            "run_id": run_id,
            "created_at": created_at,
        }
        return self._table.put_write(row, "attribute_not_exists(pk)")

    def _require_entry(
        self, workspace_id: str, sk: str, amount: int, *, field: str | None = None
    ) -> None:
        """Raises InvalidInput unless the entry has this amount: then the call is a replay."""
        row = self._table.get(workspace_id, sk)
        if row is None or row["amount"] != amount:
            message = "This id was used before with another amount"
            raise InvalidInput(message, code="id_reused", field=field)


def _entry_keys(workspace_id: str, created_at: str, entry_id: str) -> Item:
    keys = {"pk": workspace_id, "sk": f"{ENTRY}{entry_id}"}
    return keys | {"listed": f"{ENTRY}{created_at}#{entry_id}"}


def hold_of(row: Item) -> Hold:
    """Parses a hold's row."""
    ids = {"id": row["sk"].removeprefix("hold#"), "workspace_id": row["pk"]}
    return Hold.model_validate(row | ids)


def _entry(row: Item) -> Entry:
    return Entry.model_validate({**row, "id": row["sk"].removeprefix(ENTRY)})


def ledger() -> Ledger:
    """Returns a ledger over the configured table."""
    chosen = settings(LedgerSettings)
    return Ledger(Table(chosen.credits_table), daily_cap_credits=chosen.daily_spend_cap_credits)
