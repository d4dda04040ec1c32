"""Accounts, holds and entries. All amounts are whole credits."""

from typing import Literal

from pydantic import Field

from showreel.core.wire import Wire

HoldOutcome = Literal["posted", "voided", "expired"]


class Account(Wire, frozen=True):
    """A workspace's money. `available` = `balance` − `held`."""

    balance: int
    held: int
    available: int


class Hold(Wire, frozen=True):
    """Credits set aside. `remaining` = `amount` − `captured` while it is open."""

    id: str
    workspace_id: str
    amount: int
    captured: int
    remaining: int
    status: Literal["open", "posted", "voided", "expired"]
    job_id: str | None = None
    run_id: str | None = None
    expires_at: int = Field(description="seconds since 1970")
    spend_day: str | None = None
    """The day (UTC) whose cap it counts against."""


class Entry(Wire, frozen=True):
    """One immutable movement of the balance; `amount` is signed."""

    id: str
    kind: Literal["grant", "capture"]
    amount: int
    job_id: str | None = None
    run_id: str | None = None
    created_at: str
