"""The workspace's credits as callers see them."""

from pydantic import Field

from showreel.core.clock import iso_at
from showreel.core.wire import Wire
from showreel.credits.ledger import ledger
from showreel.credits.models import Entry
from showreel.edge.paging import decode_cursor, encode_cursor
from showreel.identity.service import require_workspace

MAX_PAGE = 200


class OpenHold(Wire):
    """Credits set aside for work that isn't over."""

    id: str
    amount: int
    job_id: str | None
    run_id: str | None
    expires_at: str


class Balance(Wire):
    """`GET /api/credits`."""

    workspace_id: str
    balance: int
    held: int
    available: int
    holds: list[OpenHold]


class EntryPage(Wire):
    """`GET /api/credits/ledger`: newest first."""

    items: list[Entry]
    next_cursor: str | None


class Grant(Wire):
    """`POST /api/credits/grants`, by the service only; the same `grantId` grants once."""

    workspace_id: str = Field(min_length=1, max_length=128)
    amount: int = Field(ge=1, le=1_000_000_000, strict=True)
    grant_id: str = Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")


def balance(workspace_id: str) -> Balance:
    """Returns the workspace's balance and open holds, read as of one moment."""
    account, open_holds = ledger().snapshot(workspace_id)
    holds = [
        OpenHold(
            id=hold.id,
            amount=hold.remaining,
            job_id=hold.job_id,
            run_id=hold.run_id,
            expires_at=iso_at(hold.expires_at),
        )
        for hold in open_holds
    ]
    return Balance(workspace_id=workspace_id, holds=holds, **account.model_dump())


def entries(workspace_id: str, limit: int, cursor: str | None) -> EntryPage:
    """Returns one page of the ledger. Raises InvalidInput `invalid_cursor`."""
    list_key = f"{workspace_id}#entry"
    after = decode_cursor(list_key, cursor, 2)
    found = ledger().entries(workspace_id, limit + 1, after)
    page, following = found[:limit], None
    if len(found) > limit:
        following = encode_cursor(list_key, [page[-1].created_at, page[-1].id])
    return EntryPage(items=page, next_cursor=following)


def grant(request: Grant) -> Balance:
    """Adds credits, once per grant id. Raises InvalidInput `id_reused`, NotFound for a workspace
    that isn't there.
    """
    require_workspace(request.workspace_id)
    ledger().grant(request.workspace_id, request.amount, request.grant_id)
    return balance(request.workspace_id)
